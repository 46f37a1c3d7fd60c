import {
  type BatchRequest,
  type JobRequest,
  type JobTemplate,
  type RequestFault,
  ServiceError,
} from '@dimgx/client';
import { DimgxError, type ErrorCode } from '@dimgx/core';
import { faultOf } from '../client/service-fault.ts';

/** What a batch is made of, out of a text with an image a line. */
export interface BatchText {
  /** With an image that the service refuses if there are broken lines, so that it tells what else is wrong. */
  readonly body: BatchRequest;
  /** The line that each item is of, from 1. */
  readonly lines: readonly number[];
  /** The lines that can't be sent. */
  readonly broken: readonly LineFault[];
}

interface LineFault {
  readonly line: number;
  readonly detail: string;
}

/** As many faults are told of lines: the service looks for no more of them. */
const mostTold = 20;

/** No image has this name: a batch with it is refused whole. */
const refusedImage = '';

/**
 * Blank lines and those that begin with `#` are left out, and a line that begins with `{` is a whole job as JSON. Jobs
 * get the template too, where they don't say otherwise. Throws `USAGE`.
 */
export function batchOf(text: string, template: JobTemplate): BatchText {
  const items: (string | JobRequest)[] = [];
  const lines: number[] = [];
  const broken: LineFault[] = [];
  for (const [at, whole] of text.split('\n').entries()) {
    const item = whole.trim();
    if (item === '' || item.startsWith('#')) continue;
    try {
      // What it is beside JSON, the service tells.
      items.push(item.startsWith('{') ? (JSON.parse(item, refusePoison) as JobRequest) : item);
      lines.push(at + 1);
    } catch (error) {
      broken.push({ line: at + 1, detail: lineFaultOf(error) });
    }
  }
  if (broken.length > 0) items.push(refusedImage);
  if (items.length === 0) throw new DimgxError('USAGE', 'there is no image: give one on each line');
  return { body: bodyOf(items, template), lines, broken };
}

function bodyOf(items: readonly (string | JobRequest)[], template: JobTemplate): BatchRequest {
  const images = items.filter((item) => typeof item === 'string');
  if (images.length === items.length) return { images, template };
  return {
    jobs: items.map((item) => ({ ...template, ...(typeof item === 'string' ? { image: item } : item) })),
  };
}

/** For `JSON.parse`: services refuse a whole request for such a field, without its place. */
function refusePoison(name: string, value: unknown): unknown {
  const isPoison =
    name === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value;
  if (name !== '__proto__' && !isPoison) return value;
  throw new DimgxError('USAGE', 'has a field __proto__ or constructor.prototype, which is never taken');
}

/** Lines are those of the file, not of the JSON. */
function lineFaultOf(error: unknown): string {
  if (error instanceof DimgxError) return error.message;
  const why = error instanceof Error ? error.message.replace(/ \(line \d+ column \d+\)$/, '') : String(error);
  return `is no valid JSON: ${why}`;
}

/** Why a batch was not taken in: the lines that are at fault, where it is they, else the error as it is. */
export function byLines(error: unknown, { lines, broken }: Omit<BatchText, 'body'>): unknown {
  if (!(error instanceof ServiceError)) return error;
  const refused = error.errors.filter(({ pointer }) => itemOf(pointer) !== lines.length);
  const found = refused.flatMap((fault) => lineFault(fault, lines) ?? []);
  const { code, message } = faultOf(error);
  if (found.length < refused.length) {
    return broken.length === 0 ? error : new DimgxError(code, `${message}; ${listed(broken)}`);
  }
  if (found.length > 0) {
    const all = [...found, ...broken].sort((one, other) => one.line - other.line);
    return new DimgxError(codeOfList(code, broken), listed(all, error.errors.length >= mostTold));
  }
  if (broken.length === 0) return error;
  // What kept the service from looking at the others is told too.
  const cause = error.errors.length === 0 ? error : undefined;
  return new DimgxError('USAGE', listed(broken), { cause });
}

/** A wrong list is wrong usage, whatever the service calls the first line of those that it refuses. */
function codeOfList(ofService: ErrorCode, broken: readonly LineFault[]): ErrorCode {
  return ofService === 'REFERENCE_INVALID' && broken.length === 0 ? ofService : 'REQUEST_INVALID';
}

/** `isPart`: there may be others, which nobody has looked for. */
function listed(faults: readonly LineFault[], isPart = false): string {
  const told = faults.slice(0, mostTold).map(({ line, detail }) => `line ${line}: ${detail}`);
  const untold = faults.length - told.length;
  if (untold > 0) told.push(`and ${untold} more`);
  if (isPart) told.push('others may be wrong too');
  return told.join('; ');
}

/** Undefined if it is of no line, but of what all have. */
function lineFault({ pointer, detail }: RequestFault, lines: readonly number[]): LineFault | undefined {
  const line = lines[itemOf(pointer) ?? -1];
  if (line === undefined) return undefined;
  const field = pointer.split('/').slice(3).join('.');
  return { line, detail: `${field === '' ? '' : `${field}: `}${detail}` };
}

/** The item that a place of the request is in. */
function itemOf(pointer: string): number | undefined {
  const [, at] = /^\/(?:images|jobs)\/(\d+)(?:\/|$)/.exec(pointer) ?? [];
  return at === undefined ? undefined : Number(at);
}
