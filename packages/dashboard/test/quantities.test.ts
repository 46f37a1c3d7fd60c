import { expect, test } from 'vitest';
import { bytesText, countText, durationText } from '../src/quantities.ts';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.00 kB'],
  [45_312_000, '45.3 MB'],
  [999_000_000, '999 MB'],
  [5_600_000_000_000_000, '5.60e+3 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, '0 ms'],
  [850, '850 ms'],
  [4200, '4.2 s'],
  [42_000, '42 s'],
  [59_999, '60 s'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 4 h'],
])('%d ms are %s', (milliseconds, text) => {
  expect(durationText(milliseconds)).toBe(text);
});

test('one of a thing is no plural', () => {
  expect([countText(1, 'file'), countText(0, 'file'), countText(2, 'directory', 'directories')]).toEqual([
    '1 file',
    '0 files',
    '2 directories',
  ]);
});
