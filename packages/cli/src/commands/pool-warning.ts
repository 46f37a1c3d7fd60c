import type { Job, WorkerStatus } from '@dimgx/client';

type Worker = Pick<WorkerStatus, 'name' | 'pools' | 'draining' | 'outages'>;

interface Fleet {
  readonly workers: { list(): Promise<Worker[]> };
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
  const pools = [...new Set(open.filter((job) => !isHeld(job)).map(({ request }) => request.pool))];
  const takers = workers.filter(({ draining }) => !draining);
  const said = [noWorkers(pools, takers), waitingWorkers(pools, takers)].filter((text) => text !== undefined);
  return said.length === 0 ? undefined : said.join('; ');
}

function noWorkers(pools: readonly string[], takers: readonly Worker[]): string | undefined {
  const without = pools.filter((pool) => !takers.some((worker) => worker.pools.includes(pool)));
  if (without.length === 0) return undefined;
  return `no worker is there for pool ${without.join(', ')}: its jobs wait until one comes`;
}

/** Of pools with workers, none of which takes jobs now. */
function waitingWorkers(pools: readonly string[], takers: readonly Worker[]): string | undefined {
  const isReady = ({ outages }: Worker) => outages.length === 0;
  const stuck = pools
    .map((pool) => ({ pool, workers: takers.filter((worker) => worker.pools.includes(pool)) }))
    .filter(({ workers }) => workers.length > 0 && !workers.some(isReady));
  if (stuck.length === 0) return undefined;
  const away = new Set(
    stuck.flatMap(({ workers }) => workers.flatMap(({ outages }) => outages)).map(({ part }) => part),
  );
  const parts = (['store', 'engine'] as const).filter((part) => away.has(part)).map((part) => `the ${part}`);
  const names = stuck.map(({ pool }) => pool).join(', ');
  return `all workers of pool ${names} wait for ${parts.join(' and ')}: its jobs wait too`;
}
