import type { Batch } from '@dimgx/client';
import { expect, test } from 'vitest';
import { ToldRetries } from '../src/commands/told-retries.ts';

const batch = (retries?: Batch['retries'], finishedAt?: string) => ({ id: 'b', retries, finishedAt });

test('each cause is told at once, then when it has come ten times as often, and at the end', () => {
  const told = new ToldRetries();
  expect(told.news(batch())).toEqual([]);
  expect(told.news(batch({ STORE_FAILED: 1 }))).toEqual([
    'batch b: jobs were tried again 1 time: STORE_FAILED',
  ]);
  expect(told.news(batch({ STORE_FAILED: 9, WORKER_LOST: 12 }))).toEqual([
    'batch b: jobs were tried again 12 times: WORKER_LOST',
  ]);
  expect(told.news(batch({ STORE_FAILED: 1234, WORKER_LOST: 99 }))).toEqual([
    'batch b: jobs were tried again 1,234 times: STORE_FAILED',
  ]);
  expect(told.news(batch({ STORE_FAILED: 1234, WORKER_LOST: 99 }, 'now'))).toEqual([
    'batch b: jobs were tried again 99 times: WORKER_LOST',
  ]);
});

test('ten thousand looks at ten thousand tries are a few lines', () => {
  const told = new ToldRetries();
  const looks = Array.from({ length: 10_000 }, (_, at) => told.news(batch({ STORE_FAILED: at + 1 })));
  expect(looks.flat()).toHaveLength(5);
});
