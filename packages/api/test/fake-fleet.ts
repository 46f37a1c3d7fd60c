import type { ServiceStats, WorkerView } from '@dimgx/queue';

/** A fleet of one worker, and nothing to do. */
export class FakeFleet {
  readonly worker: WorkerView = {
    ...{ name: 'host-1', host: 'host', pools: ['default'], capacity: 2, jobs: [], version: '1.2.3' },
    draining: false,
    outages: [],
    ...{ nodeVersion: 'v24.0.0', platform: 'linux/amd64', cpus: 2, load: [0.5, 0.25, 0] },
    memory: { free: 1, total: 2 },
    spool: { free: 3, total: 4 },
    process: { residentBytes: 5, eventLoopDelayMs: 6 },
    startedAt: '2026-11-24T00:00:00.000Z',
    seenAt: '2026-11-24T00:00:05.000Z',
  };

  async list(): Promise<WorkerView[]> {
    return [this.worker];
  }

  async stats(): Promise<ServiceStats> {
    const jobs = { queued: 0, active: 0, completed: 3, failed: 0, cancelled: 0 };
    return { jobs, pools: [{ pool: 'default', queued: 0, active: 0, workers: 1, waiting: 0, capacity: 2 }] };
  }
}
