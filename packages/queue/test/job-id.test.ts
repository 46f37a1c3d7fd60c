import { expect, test } from 'vitest';
import { isJobId, newJobId } from '../src/job-id.ts';

test('a new id is a version 7 UUID that holds its time', () => {
  const id = newJobId(0x0123456789ab);
  expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(isJobId(id)).toBe(true);
});

test('ids sort by the time they were made', () => {
  const ids = [1, 2, 1000, 1e12, 1.8e12].map(newJobId);
  expect(ids.toSorted()).toEqual(ids);
});

test('ids of one moment differ and sort as they were made, however many', () => {
  const ids = Array.from({ length: 10_000 }, () => newJobId(5));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
  expect(ids.every(isJobId)).toBe(true);
});

test('ids go on when the clock is set back a little, and follow it when it is by much', () => {
  const [first, second, third] = [1_000_000, 999_500, 900_000].map(newJobId);
  expect([second, first, third].toSorted()).toEqual([third, first, second]);
});

test.each([
  ['nothing', ''],
  ['a path', '../../etc/passwd'],
  ['a version 4 UUID', '01234567-89ab-4cde-8f01-23456789abcd'],
  ['upper case', '01234567-89AB-7CDE-8F01-23456789ABCD'],
])('%s is no job id', (_name, text) => {
  expect(isJobId(text)).toBe(false);
});
