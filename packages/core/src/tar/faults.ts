import { DimgxError } from '../errors.ts';

export function invalid(message: string): DimgxError {
  return new DimgxError('LAYER_INVALID', message);
}

export function truncated(message: string): DimgxError {
  return new DimgxError('LAYER_TRUNCATED', message);
}

export function overLimit(message: string): DimgxError {
  return new DimgxError('LIMIT_EXCEEDED', message);
}

const MOST_SHOWN = 300;

/** A path for a message: printable, on one line, bounded. */
export function show(path: Uint8Array): string {
  const text = JSON.stringify(Buffer.from(path.subarray(0, MOST_SHOWN)).toString('utf8'));
  return path.length > MOST_SHOWN ? `${text}…` : text;
}
