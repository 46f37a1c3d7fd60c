import {
  type BatchRequest,
  type JobRequest,
  type JobTemplate,
  type RequestFault,
  ServiceError,
} from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { faultOf } from '../client/service-fault.ts';

/** What a batch is made of, out of a text with an image a line. */
export interface BatchText {
  readonly body: BatchRequest;
  /** The line that each item is of, from 1. */
  readonly lines: readonly number[];
}

/** As many lines are told of those that are wrong. */
const mostTold = 5;

/**
 * Blank lines and those that begin with `#` are left out, and a line that begins with `{` is a whole job as JSON. Jobs
 * get the template too, where they don't say otherwise. Throws `USAGE`.
 */
export function batchOf(text: string, template: JobTemplate): BatchText {
  const read = text.split('\n').flatMap((whole, at) => {
    const item = whole.trim();
    if (item === '' || item.startsWith('#')) return [];
    const line = at + 1;
    return [{ line, item: item.startsWith('{') ? jobOf(item, line) : item }];
  });
  if (read.length === 0) throw new DimgxError('USAGE', 'there is no image: give one on each line');
  return {
    body: bodyOf(
      read.map(({ item }) => item),
      template,
    ),
    lines: read.map(({ line }) => line),
  };
}

function bodyOf(items: readonly (string | JobRequest)[], template: JobTemplate): BatchRequest {
  const images = items.filter((item) => typeof item === 'string');
  if (images.length === items.length) return { images, template };
  return {
    jobs: items.map((item) => ({ ...template, ...(typeof item === 'string' ? { image: item } : item) })),
  };
}

/** What it is beside JSON, the service tells. */
function jobOf(text: string, line: number): JobRequest {
  try {
    return JSON.parse(text) as JobRequest;
  } catch (cause) {
    throw new DimgxError('USAGE', `line ${line} is no valid JSON`, { cause });
  }
}

/** The error as it is; of items that the service refuses, by their lines. */
export function byLines(error: unknown, lines: readonly number[]): unknown {
  if (!(error instanceof ServiceError)) return error;
  const told = error.errors.flatMap((fault) => lineFault(fault, lines) ?? []);
  if (told.length === 0 || told.length < error.errors.length) return error;
  const untold = told.length > mostTold ? [`and ${told.length - mostTold} more`] : [];
  return new DimgxError(faultOf(error).code, [...told.slice(0, mostTold), ...untold].join('; '));
}

/** Undefined if it is of no line, but of what all have. */
function lineFault({ pointer, detail }: RequestFault, lines: readonly number[]): string | undefined {
  const [, at, field = ''] = /^\/(?:images|jobs)\/(\d+)(?:\/(.*))?$/.exec(pointer) ?? [];
  const line = at === undefined ? undefined : lines[Number(at)];
  if (line === undefined) return undefined;
  return `line ${line}: ${field === '' ? '' : `${field.replaceAll('/', '.')}: `}${detail}`;
}
