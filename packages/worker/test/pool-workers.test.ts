import { expect, test } from 'vitest';
import { lockTimes } from '../src/pool-workers.ts';
import { workerDefaults } from '../src/settings.ts';

test('the job of a worker that died is begun again within 35 seconds', () => {
  const { lockDuration, stalledInterval } = lockTimes(workerDefaults.lockDuration);
  expect(lockDuration + stalledInterval).toBeLessThanOrEqual(35_000);
});

test('Redis gets whole milliseconds', () => {
  expect(lockTimes(2000).stalledInterval).toBe(334);
});
