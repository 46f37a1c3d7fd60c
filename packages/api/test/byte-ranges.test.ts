import { expect, test } from 'vitest';
import { requestedRange } from '../src/byte-ranges.ts';

const rows: [
  situation: string,
  header: string | undefined,
  range: { start: number; end: number } | undefined,
][] = [
  ['no header', undefined, undefined],
  ['the first bytes', 'bytes=0-9', { start: 0, end: 9 }],
  ['one byte', 'bytes=99-99', { start: 99, end: 99 }],
  ['from a byte on', 'bytes=90-', { start: 90, end: 99 }],
  ['the last bytes', 'bytes=-10', { start: 90, end: 99 }],
  ['more of the last bytes than there are', 'bytes=-1000', { start: 0, end: 99 }],
  ['an end beyond the last byte', 'bytes=90-5000', { start: 90, end: 99 }],
  ['capitals and blanks', 'Bytes = 0 - 9', { start: 0, end: 9 }],
  ['several ranges', 'bytes=0-1,5-6', undefined],
  ['another unit', 'lines=0-1', undefined],
  ['backwards', 'bytes=9-0', undefined],
  ['no numbers', 'bytes=-', undefined],
  ['something else', 'bytes=a-b', undefined],
];

test.each(rows)('%s', (_situation, header, range) => {
  expect(requestedRange(header, 100)).toEqual(range);
});

test.each([
  ['from behind the end', 'bytes=100-'],
  ['wholly behind the end', 'bytes=200-300'],
  ['the last none', 'bytes=-0'],
  ['from a number beyond all', `bytes=${'9'.repeat(400)}-`],
])('not to be satisfied: %s', (_situation, header) => {
  expect(() => requestedRange(header, 100)).toThrow(
    expect.objectContaining({ code: 'RANGE_NOT_SATISFIABLE' }),
  );
});
