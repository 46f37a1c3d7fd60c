import { DimgxError, errorCodes } from '@dimgx/core';
import { expect, test } from 'vitest';
import { problemOf, problemSchema, statuses } from '../src/problems.ts';

test('a problem tells status, code and what happened', () => {
  expect(problemOf(new DimgxError('JOB_NOT_FOUND', 'there is no job 5'))).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'there is no job 5',
    code: 'JOB_NOT_FOUND',
  });
});

test('a fault of ours is not told in detail', () => {
  const problem = problemOf(new DimgxError('INTERNAL', "Cannot read properties of undefined (reading 'x')"));
  expect(problem.status).toBe(500);
  expect(problem.detail).not.toContain('undefined');
});

test.each(errorCodes)('%s makes a valid problem of an error status', (code) => {
  expect(problemSchema.parse(problemOf(new DimgxError(code, 'x'))).status).toBeGreaterThanOrEqual(400);
});

test('what can be tried again is not said to be the fault of who asks', () => {
  const wrong = errorCodes.filter((code) => new DimgxError(code, '').retryable && statuses[code] < 500);
  // 429 asks for patience by itself.
  expect(wrong).toEqual(['RATE_LIMITED']);
});
