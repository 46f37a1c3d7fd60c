import { expect, test } from 'vitest';
import { plainTable, plainTime } from '../src/plain-table.ts';

test('columns are as wide as their widest text, and lines end where it does', () => {
  expect(
    plainTable(
      ['ID', 'NAME'],
      [
        ['1', 'a'],
        ['22222', ''],
      ],
    ),
  ).toBe('ID     NAME\n1      a\n22222\n');
});

test('titles stand without rows too', () => {
  expect(plainTable(['ID', 'NAME'], [])).toBe('ID  NAME\n');
});

test('a text can not break its line or move the cursor', () => {
  expect(plainTable(['NAME'], [['a\nb\u001b[2J']])).toBe('NAME\na b\\x1b[2J\n');
});

test.each([
  ['a time of the service', '2026-11-24T07:40:01.123Z', '2026-11-24 07:40:01Z'],
  ['one of another zone, as images may have', '2026-11-24T01:40:01.123456789+02:00', '2026-11-23 23:40:01Z'],
  ['what is no time', 'yesterday, or so', '-'],
  ['none', undefined, '-'],
])('%s is shown in UTC, to the second, or as a dash', (_situation, time, shown) => {
  expect(plainTime(time)).toBe(shown);
});
