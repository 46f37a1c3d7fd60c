import type { Job, WorkerStatus } from '@dimgx/client';

interface Fleet {
  readonly workers: { list(): Promise<Pick<WorkerStatus, 'name' | 'pools' | 'draining'>[]> };
}

export interface PooledJob extends Pick<Job, 'state' | 'worker'> {
  readonly request: Pick<Job['request'], 'pool'>;
}

/**
 * What to say of jobs that wait for workers which are not there, or whose worker is gone with nobody to take them over;
 * undefined if all have some. A key may submit and not see the workers: the jobs are as well off without a warning, so
 * whatever is the matter, there is none then.
 */
export async function poolWarning(client: Fleet, jobs: readonly PooledJob[]): Promise<string | undefined> {
  const open = jobs.filter(({ state }) => state === 'queued' || state === 'active');
  if (open.length === 0) return undefined;
  const workers = await client.workers.list().catch(() => undefined);
  if (workers === undefined) return undefined;
  const served = new Set(workers.flatMap(({ pools, draining }) => (draining ? [] : pools)));
  const names = new Set(workers.map(({ name }) => name));
  const isHeld = ({ state, worker }: PooledJob) =>
    state === 'active' && (worker === undefined || names.has(worker));
  const left = open.filter((job) => !served.has(job.request.pool) && !isHeld(job));
  if (left.length === 0) return undefined;
  const pools = [...new Set(left.map(({ request }) => request.pool))];
  return `no worker is there for pool ${pools.join(', ')}: its jobs wait until one comes`;
}
