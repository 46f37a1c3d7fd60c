import { type ByteRange, DimgxError } from '@dimgx/core';

/**
 * The part of `size` bytes that a `Range` header asks for; undefined if the whole is to be sent: without the header,
 * with one of another unit or form, or with several ranges, all of which a server may ignore (RFC 9110, 14.2).
 *
 * Throws `RANGE_NOT_SATISFIABLE`.
 */
export function requestedRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.replaceAll(/\s/g, '') ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  const isNone = first === '' && last === '';
  const isBackwards = first !== '' && last !== '' && Number(last) < Number(first);
  if (isNone || isBackwards) return undefined;
  const range = first === '' ? suffix(Number(last), size) : { start: Number(first), end: endOf(last, size) };
  if (range.start >= size) {
    throw new DimgxError(
      'RANGE_NOT_SATISFIABLE',
      `the artifact has ${size} bytes; ${header} asks for none of them`,
    );
  }
  return range;
}

/** `-N`: the last N bytes, or all if there are fewer. */
function suffix(length: number, size: number): ByteRange {
  return { start: length === 0 ? size : Math.max(size - length, 0), end: size - 1 };
}

function endOf(last: string, size: number): number {
  return last === '' ? size - 1 : Math.min(Number(last), size - 1);
}
