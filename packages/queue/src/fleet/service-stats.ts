import { z } from 'zod';
import { jobIdTime } from '../job-id.ts';
import { jobStates } from '../job-record.ts';
import { keys } from '../key-space.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import type { WorkerView } from './worker-view.ts';

/** A request may name any pool, so there may be as many as jobs. */
const maxPools = 200;

const count = z.int().nonnegative();
const wait = z.int().nonnegative().optional();

const poolStatsSchema = z.object({
  pool: z.string(),
  queued: count,
  active: count,
  oldestWaitMs: wait.describe('Since the oldest of its queued jobs was submitted'),
  workers: count.describe('Without those that are draining'),
  waiting: count.describe('Workers among them that take no jobs until the store or their engine is back'),
  capacity: count.describe('Jobs at a time of those workers, which they may share with other pools'),
});

/** How the whole service stands. */
export const serviceStatsSchema = z.object({
  jobs: z.object(Object.fromEntries(jobStates.map((state) => [state, count]))).describe('By state'),
  oldestWaitMs: wait.describe('Since the oldest queued job was submitted'),
  pools: z
    .array(poolStatsSchema)
    .describe(`With workers, or with jobs that have not ended, of which ${maxPools} at the most are told`),
});

export type ServiceStats = z.output<typeof serviceStatsSchema>;
type PoolStats = z.output<typeof poolStatsSchema>;

/** Counts without looking at any job, however many there are. Throws `REDIS_UNREACHABLE`. */
export async function serviceStats(redis: Redis, workers: readonly WorkerView[]): Promise<ServiceStats> {
  return overRedis(async () => {
    const counts = await Promise.all(jobStates.map((state) => redis.zcard(keys.jobsIn(state))));
    const waiting = await redis.srandmember(keys.pools, maxPools);
    const names = new Set([...waiting, ...workers.flatMap(({ pools }) => pools)]);
    const pools = await Promise.all([...names].sort().map((pool) => statsOfPool(redis, pool, workers)));
    return {
      jobs: Object.fromEntries(jobStates.map((state, at) => [state, counts[at] ?? 0])),
      oldestWaitMs: await oldestWait(redis, keys.jobsIn('queued')),
      pools: pools.filter(({ queued, active, workers: some }) => queued + active + some > 0),
    };
  });
}

async function statsOfPool(redis: Redis, pool: string, workers: readonly WorkerView[]): Promise<PoolStats> {
  const own = workers.filter(({ pools, draining }) => pools.includes(pool) && !draining);
  const queued = keys.jobsOfPool(pool, 'queued');
  const [waiting, active, oldestWaitMs] = await Promise.all([
    redis.zcard(queued),
    redis.zcard(keys.jobsOfPool(pool, 'active')),
    oldestWait(redis, queued),
  ]);
  const capacity = own.reduce((sum, worker) => sum + worker.capacity, 0);
  const halted = own.filter(({ outages }) => outages.length > 0).length;
  return { pool, queued: waiting, active, oldestWaitMs, workers: own.length, waiting: halted, capacity };
}

/** Ids sort by the time they were made, and tell it. */
async function oldestWait(redis: Redis, index: string): Promise<number | undefined> {
  const [oldest] = await redis.zrange(index, '0', '0');
  return oldest === undefined ? undefined : Math.max(0, Date.now() - jobIdTime(oldest));
}
