import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contestant } from './contest.ts';

const MB = 1e6;

/** The launcher, as users start it. */
export const dimgx = join(import.meta.dirname, '../dimgx');

/** What one flattening may have. */
export const memory = { of: 'peakBytes', atMost: 220 * MB } as const;

/** Flattens an image into a file. */
export function flatten(
  reference: string,
  target: string,
  options: readonly string[],
): Contestant & { readonly command: readonly string[] } {
  const command = [dimgx, 'flatten', reference, '-t', target, '--progress', 'none', ...options];
  return { name: ['dimgx flatten', ...options].join(' '), command, ...made(target) };
}

/** A run makes its file anew: to overwrite one costs other time. */
export function made(output: string): Pick<Contestant, 'output' | 'prepare'> {
  return { output, prepare: () => rm(output, { force: true }) };
}

export function outputs(folder: string, ...names: string[]): string[] {
  return names.map((name) => join(folder, name));
}
