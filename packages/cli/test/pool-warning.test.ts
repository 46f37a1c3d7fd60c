import { type Job, ServiceError, type WorkerStatus } from '@dimgx/client';
import { expect, test } from 'vitest';
import { poolWarning } from '../src/commands/pool-warning.ts';

type Waiting = Pick<Job, 'state' | 'request' | 'worker'>;

const job = (pool: string, state: Job['state'] = 'queued', by?: string): Waiting => ({
  state,
  ...(by !== undefined && { worker: by }),
  request: { image: 'a', kind: 'flatten', pool, priority: 'normal' },
});
type Away = WorkerStatus['outages'][number]['part'];
const outage = (part: Away) => ({ part, code: 'STORE_FAILED' as const, since: '2026-01-01T00:00:00.000Z' });
const worker = (name: string, pools: string[], draining = false, away: Away[] = []) => ({
  ...{ name, pools, draining },
  outages: away.map(outage),
});
const all = [
  worker('one', ['default', 'gpu']),
  worker('two', ['gpu', 'old'], true),
  worker('four', ['gpu', 'stuck', 'stalled'], false, ['store']),
  worker('five', ['stuck'], false, ['engine', 'store']),
];
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
  [
    'a job of a pool whose only worker waits',
    [job('stalled')],
    'all workers of pool stalled wait for the store: its',
  ],
  [
    'a job of a pool whose workers wait for this and that',
    [job('stuck')],
    'stuck wait for the store and the engine: its',
  ],
  ['jobs of two such pools', [job('stuck'), job('stalled')], 'of pool stuck, stalled wait'],
  ['a job that a worker does while it waits', [job('stalled', 'active', 'four')], undefined],
  [
    'jobs of a pool without and one that waits',
    [job('nobody'), job('stalled')],
    'comes; all workers of pool stalled',
  ],
  ['a job that has ended', [job('nobody', 'failed', 'three')], undefined],
])('%s', async (_situation, jobs, warning) => {
  const said = await poolWarning(fleet, jobs);
  expect(said).toEqual(warning === undefined ? undefined : expect.stringContaining(warning));
});

test('a key that may not see the workers is told nothing', async () => {
  const list = () => Promise.reject(new ServiceError('FORBIDDEN', 'needs read'));
  expect(await poolWarning({ workers: { list } }, [job('nobody')])).toBeUndefined();
});
