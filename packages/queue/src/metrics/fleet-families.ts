import type { ServiceStats } from '../fleet/service-stats.ts';
import type { WorkerView } from '../fleet/worker-view.ts';
import type { MetricFamily, Sample } from './metric-family.ts';

type PoolStats = ServiceStats['pools'][number];

/** How the queues and the workers stand. Workers come and go with names of their own, so they are told by pool. */
export function fleetFamilies({ jobs, pools }: ServiceStats, workers: readonly WorkerView[]): MetricFamily[] {
  const ofPools = (value: (pool: PoolStats) => number): Sample[] =>
    pools.map((pool) => ({ labels: { pool: pool.pool }, value: value(pool) }));
  /** Of pools without workers there is nothing to tell. */
  const ofWorkers = (value: (own: readonly WorkerView[]) => number): Sample[] =>
    pools.flatMap(({ pool }) => {
      const own = workers.filter((worker) => worker.pools.includes(pool));
      return own.length === 0 ? [] : [{ labels: { pool }, value: value(own) }];
    });
  const most = (value: (worker: WorkerView) => number) =>
    ofWorkers((own) => Math.max(...own.map((worker) => value(worker))));
  const states = Object.entries(jobs).map(([state, value]) => ({ labels: { state }, value }));
  const unfinished = (['queued', 'active'] as const).flatMap((state) =>
    pools.map((pool) => ({ labels: { pool: pool.pool, state }, value: pool[state] })),
  );
  return [
    gauge('jobs', 'Jobs whose record is kept, by state.', states),
    gauge('queue_jobs', 'Jobs that have not ended, by pool: queued, or active at a worker.', unfinished),
    gauge(
      'queue_oldest_wait_seconds',
      'Since the oldest queued job of the pool was submitted; 0 if none waits.',
      ofPools(({ oldestWaitMs = 0 }) => oldestWaitMs / 1000),
    ),
    gauge(
      'pool_workers',
      'Workers that take jobs of the pool; one that is silent for twenty seconds is gone.',
      ofPools(({ workers: count }) => count),
    ),
    gauge(
      'pool_workers_waiting',
      'Workers among them that take no jobs until the store or their engine is back.',
      ofPools(({ waiting }) => waiting),
    ),
    gauge(
      'pool_capacity_jobs',
      'Jobs at a time of those workers, which they may share with other pools.',
      ofPools(({ capacity }) => capacity),
    ),
    gauge(
      'pool_spool_free_bytes',
      'Free bytes of the disk where content is spooled, of the worker that has the least.',
      ofWorkers((own) => Math.min(...own.map(({ spool }) => spool.free))),
    ),
    gauge(
      'pool_worker_resident_bytes',
      'Resident memory of the worker process that has the most.',
      most(({ process }) => process.residentBytes),
    ),
    gauge(
      'pool_event_loop_delay_seconds',
      'The longest that a worker was not at its events within five seconds; after thirty, its jobs are given to others.',
      most(({ process }) => process.eventLoopDelayMs / 1000),
    ),
  ];
}

function gauge(name: string, help: string, samples: readonly Sample[]): MetricFamily {
  return { name: `dimgx_${name}`, type: 'gauge', help, samples };
}
