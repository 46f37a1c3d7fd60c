import { DimgxError } from '@dimgx/core';
import { expect, test } from 'vitest';
import { isToldElsewhere, lockTimes } from '../src/pool-workers.ts';
import { workerDefaults } from '../src/settings.ts';

test('the job of a worker that died is begun again within 35 seconds', () => {
  const { lockDuration, stalledInterval } = lockTimes(workerDefaults.lockDuration);
  expect(lockDuration + stalledInterval).toBeLessThanOrEqual(35_000);
});

test('Redis gets whole milliseconds', () => {
  expect(lockTimes(2000).stalledInterval).toBe(334);
});

test.each([
  ['Missing lock for job x. moveToDelayed', true],
  ['Lock mismatch for job x. Cmd moveToFinished from active', true],
  ['could not renew lock for job x', true],
  ['Missing key for job x. moveToDelayed', false],
])('of the queue, "%s" is told by the attempt: %s', (message, isTold) => {
  expect(isToldElsewhere(new Error(message))).toBe(isTold);
});

test('a Redis that is away is told by its connection', () => {
  expect(isToldElsewhere(new DimgxError('REDIS_UNREACHABLE', 'away'))).toBe(true);
});
