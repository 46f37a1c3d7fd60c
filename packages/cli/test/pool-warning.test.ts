import { DimgxError } from '@dimgx/core';
import { expect, test } from 'vitest';
import type { JobView } from '../src/client/job-views.ts';
import { poolWarning } from '../src/commands/pool-warning.ts';

const job = (pool: string, state: JobView['state'] = 'queued'): JobView => ({
  id: 'a',
  state,
  request: { pool },
});
const fleet = { ask: async () => ({ items: [{ pools: ['default', 'gpu'] }, { pools: ['gpu'] }] }) };

test.each<[string, JobView[], string | undefined]>([
  ['a job of a pool with workers', [job('gpu')], undefined],
  [
    'jobs of a pool without',
    [job('nobody'), job('nobody'), job('default')],
    'for pool nobody: its jobs wait',
  ],
  ['jobs of two such pools', [job('a'), job('b')], 'for pool a, b:'],
  ['a job that has begun', [job('nobody', 'active')], undefined],
])('%s', async (_situation, jobs, warning) => {
  const said = await poolWarning(fleet, jobs);
  expect(said).toEqual(warning === undefined ? undefined : expect.stringContaining(warning));
});

test('a key that may not see the workers is told nothing', async () => {
  const ask = () => Promise.reject(new DimgxError('FORBIDDEN', 'needs read'));
  expect(await poolWarning({ ask }, [job('nobody')])).toBeUndefined();
});
