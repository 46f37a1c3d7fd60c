import type { Job, WorkerStatus } from '@dimgx/client';

interface Fleet {
  readonly workers: { list(): Promise<Pick<WorkerStatus, 'pools' | 'draining'>[]> };
}

/**
 * What to say of jobs that wait for workers which are not there; undefined if all have some. A key may submit and not
 * see the workers: the jobs are as well off without a warning, so whatever is the matter, there is none then.
 */
export async function poolWarning(
  client: Fleet,
  jobs: readonly Pick<Job, 'state' | 'request'>[],
): Promise<string | undefined> {
  const pools = jobs.filter(({ state }) => state === 'queued').map(({ request }) => request.pool);
  if (pools.length === 0) return undefined;
  const workers = await client.workers.list().catch(() => undefined);
  if (workers === undefined) return undefined;
  const served = new Set(workers.flatMap(({ pools: own, draining }) => (draining ? [] : own)));
  const unserved = [...new Set(pools)].filter((pool) => !served.has(pool));
  if (unserved.length === 0) return undefined;
  return `no worker is there for pool ${unserved.join(', ')}: its jobs wait until one comes`;
}
