import { DimgxError } from '../errors.ts';
import type { ByteRange } from './store.ts';

/** Throws `RANGE_NOT_SATISFIABLE` for what is no range of any object; servers would answer it with the whole one. */
export function checkRange(range: ByteRange): void {
  const { start, end } = range;
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end) return;
  throw unsatisfiable(range);
}

/** The part of the range that an object of `size` bytes has, as RFC 9110 14.1.2 has it; throws if that is none. */
export function clipRange(range: ByteRange, size: number): ByteRange {
  checkRange(range);
  if (range.start >= size) throw unsatisfiable(range);
  return { start: range.start, end: Math.min(range.end, size - 1) };
}

export function unsatisfiable(range: ByteRange, cause?: unknown): DimgxError {
  const message = `the object has no bytes ${range.start} to ${range.end}`;
  return new DimgxError('RANGE_NOT_SATISFIABLE', message, { cause });
}
