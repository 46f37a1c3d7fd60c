import { type Job, ServiceError } from '@dimgx/client';
import { expect, test } from 'vitest';
import { poolWarning } from '../src/commands/pool-warning.ts';

type Waiting = Pick<Job, 'state' | 'request' | 'worker'>;

const job = (pool: string, state: Job['state'] = 'queued', by?: string): Waiting => ({
  state,
  ...(by !== undefined && { worker: by }),
  request: { image: 'a', kind: 'flatten', pool, priority: 'normal' },
});
const worker = (name: string, pools: string[], draining = false) => ({ name, pools, draining });
const all = [worker('one', ['default', 'gpu']), worker('two', ['gpu', 'old'], true)];
const fleet = { workers: { list: async () => all } };

test.each<[string, Waiting[], string | undefined]>([
  ['a job of a pool with workers', [job('gpu')], undefined],
  [
    'jobs of a pool without',
    [job('nobody'), job('nobody'), job('default')],
    'for pool nobody: its jobs wait',
  ],
  ['jobs of two such pools', [job('a'), job('b')], 'for pool a, b:'],
  ['a job of a pool whose worker is being stopped', [job('old')], 'for pool old:'],
  ['a job that its last worker still does', [job('old', 'active', 'two')], undefined],
  ['a job whose worker is gone, as all of its pool', [job('nobody', 'active', 'three')], 'for pool nobody:'],
  ['a job whose worker is gone, and others are there', [job('gpu', 'active', 'three')], undefined],
  ['a job that has ended', [job('nobody', 'failed', 'three')], undefined],
])('%s', async (_situation, jobs, warning) => {
  const said = await poolWarning(fleet, jobs);
  expect(said).toEqual(warning === undefined ? undefined : expect.stringContaining(warning));
});

test('a key that may not see the workers is told nothing', async () => {
  const list = () => Promise.reject(new ServiceError('FORBIDDEN', 'needs read'));
  expect(await poolWarning({ workers: { list } }, [job('nobody')])).toBeUndefined();
});
