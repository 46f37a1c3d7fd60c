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

test('two ids of one moment differ', () => {
  expect(newJobId(5)).not.toBe(newJobId(5));
});

test.each([
  ['nothing', ''],
  ['a path', '../../etc/passwd'],
  ['a version 4 UUID', '01234567-89ab-4cde-8f01-23456789abcd'],
  ['upper case', '01234567-89AB-7CDE-8F01-23456789ABCD'],
])('%s is no job id', (_name, text) => {
  expect(isJobId(text)).toBe(false);
});
