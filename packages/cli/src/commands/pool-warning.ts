import type { Job, WorkerStatus } from '@dimgx/client';

interface Fleet {
  readonly workers: { list(): Promise<Pick<WorkerStatus, 'name' | 'pools' | 'draining' | 'outages'>[]> };
}

export interface PooledJob extends Pick<Job, 'state' | 'worker'> {
  readonly request: Pick<Job['request'], 'pool'>;
}

/**
 * What to say of jobs that wait for workers which are not there or wait themselves, or whose worker is gone with nobody
 * to take them over; undefined if all have some. A key may submit and not see the workers: the jobs are as well off
 * without a warning, so whatever is the matter, there is none then.
 */
export async function poolWarning(client: Fleet, jobs: readonly PooledJob[]): Promise<string | undefined> {
  const open = jobs.filter(({ state }) => state === 'queued' || state === 'active');
  if (open.length === 0) return undefined;
  const workers = await client.workers.list().catch(() => undefined);
  if (workers === undefined) return undefined;
  const names = new Set(workers.map(({ name }) => name));
  const isHeld = ({ state, worker }: PooledJob) =>
    state === 'active' && (worker === undefined || names.has(worker));
  const pools = new Set(open.filter((job) => !isHeld(job)).map(({ request }) => request.pool));
  const takers = workers.filter(({ draining }) => !draining);
  const without: string[] = [];
  const waiting: string[] = [];
  const awaited = new Set<string>();
  for (const pool of pools) {
    const those = takers.filter((worker) => worker.pools.includes(pool));
    if (those.length === 0) without.push(pool);
    else if (those.every(({ outages }) => outages.length > 0)) {
      waiting.push(pool);
      for (const { part } of those.flatMap(({ outages }) => outages)) awaited.add(`the ${part}`);
    }
  }
  const said: string[] = [];
  if (without.length > 0) {
    said.push(`no worker is there for pool ${without.join(', ')}: its jobs wait until one comes`);
  }
  if (waiting.length > 0) {
    const parts = [...awaited].sort().reverse().join(' and ');
    said.push(`all workers of pool ${waiting.join(', ')} wait for ${parts}: its jobs wait too`);
  }
  return said.length === 0 ? undefined : said.join('; ');
}
