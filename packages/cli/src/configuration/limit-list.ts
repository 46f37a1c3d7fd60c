import { type LimitName, type Limits, limitFault, limitNames } from '@dimgx/core';
import { z } from 'zod';
import { nearestName } from './nearest-name.ts';

const form = 'must be NAME=NUMBER, comma-separated';
const factors: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Limits by their names: `entries=50000000,uncompressedBytes=4T`; K, M, G and T are powers of 1024. */
export function limitList() {
  return z.string().transform((text, context): Partial<Limits> => {
    const limits: Partial<Record<LimitName, number>> = {};
    const faults: string[] = [];
    for (const part of text.split(',')) {
      const parsed = parseLimit(part.trim());
      if ('fault' in parsed) faults.push(parsed.fault);
      else limits[parsed.name] = parsed.value;
    }
    if (faults.length === 0) return limits;
    context.addIssue({ code: 'custom', message: `${form} (${faults.join('; ')})` });
    return z.NEVER;
  });
}

type ParsedLimit = { readonly name: LimitName; readonly value: number } | { readonly fault: string };

function parseLimit(text: string): ParsedLimit {
  const [, typed = '', digits = '', unit = ''] = /^(\w+)=(\d{1,15})([KMGT]?)$/i.exec(text) ?? [];
  if (typed === '') return { fault: `${JSON.stringify(text)} is not` };
  const name = limitNames.find((known) => known === typed);
  if (name === undefined) return { fault: noLimit(typed) };
  const value = Number(digits) * (factors[unit.toUpperCase()] ?? Number.NaN);
  const fault = limitFault(name, value);
  return fault === undefined ? { name, value } : { fault };
}

function noLimit(typed: string): string {
  const guess = nearestName(typed, limitNames);
  const advice = guess === undefined ? `they are ${limitNames.join(', ')}` : `did you mean ${guess}?`;
  return `there is no limit ${typed}; ${advice}`;
}
