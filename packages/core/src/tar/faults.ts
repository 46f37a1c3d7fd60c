import { DimgxError } from '../errors.ts';

export function invalid(message: string): DimgxError {
  return new DimgxError('LAYER_INVALID', message);
}

export function truncated(message: string): DimgxError {
  return new DimgxError('LAYER_TRUNCATED', message);
}

/** `what` went past `limit`, a name of flatten/limits.ts, whose value is `most`. */
export function overLimit(what: string, limit: string, most: number): DimgxError {
  return new DimgxError('LIMIT_EXCEEDED', `${what}: ${limitAdvice(limit, most)}`);
}

export function limitAdvice(limit: string, most: number): string {
  return `the limit ${limit} is ${most}; --limits or DIMGX_LIMITS raises it, for a job DIMGX_LIMITS of its worker`;
}

const MOST_SHOWN = 300;

/** A path for a message: printable, on one line, bounded. */
export function show(path: Uint8Array): string {
  const text = inQuotes(Buffer.from(path.subarray(0, MOST_SHOWN)).toString('utf8'));
  return path.length > MOST_SHOWN ? `${text}…` : text;
}

/** Text in quotes, as JSON has it; also what terminals obey and JSON lets pass: C1 controls, directions of writing. */
export function inQuotes(text: string): string {
  return JSON.stringify(text).replace(
    /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
