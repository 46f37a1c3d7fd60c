import { describe, expect, test } from 'vitest';
import { formatBytes, formatClock, formatCount, formatDuration } from '../src/quantity.ts';

describe('bytes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [9_996, '10.0 kB'],
    [12_345, '12.3 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [748_800_000, '749 MB'],
    [2_500_000_000_000_000_000, '2500 PB'],
  ])('%d are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe('durations', () => {
  test.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [12_340, '12.3 s'],
    [99_960, '1 min 40 s'],
    [3_599_600, '1 h 00 min'],
    [7_620_000, '2 h 07 min'],
  ])('%d ms are %s', (milliseconds, text) => expect(formatDuration(milliseconds)).toBe(text));
});

describe('clocks', () => {
  test.each([
    [-1, '0:00'],
    [7.4, '0:07'],
    [61, '1:01'],
    [3723, '1:02:03'],
  ])('%d s left are %s', (seconds, text) => expect(formatClock(seconds)).toBe(text));
});

test('a count has its noun in the right number', () => {
  expect(formatCount(1, 'entry', 'entries')).toBe('1 entry');
  expect(formatCount(1234, 'entry', 'entries')).toBe('1,234 entries');
  expect(formatCount(0, 'file')).toBe('0 files');
});
