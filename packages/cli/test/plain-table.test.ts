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

test('a time is shown to the second, none as a dash', () => {
  expect(plainTime('2026-11-24T07:40:01.123Z')).toBe('2026-11-24 07:40:01');
  expect(plainTime(undefined)).toBe('-');
});
