import type { JobState } from '../jobs/job.ts';

/** What a worker tells of itself. Times are RFC 3339 in UTC, sizes bytes. */
export interface WorkerStatus {
  /** As the jobs that it works on name it. */
  readonly name: string;
  readonly host: string;
  /** Whose jobs it takes. */
  readonly pools: readonly string[];
  /** Whether it is being stopped: it takes no more jobs, and ends when it has none left. */
  readonly draining: boolean;
  /** What it waits for: while there is any, it takes no jobs. */
  readonly outages: readonly WorkerOutage[];
  /** Jobs at a time, of all its pools together. */
  readonly capacity: number;
  /** Ids of those that it works on. */
  readonly jobs: readonly string[];
  /** Of dimgx. */
  readonly version: string;
  readonly nodeVersion: string;
  /** Of the host, such as `linux/arm64`; it flattens images of any. */
  readonly platform: string;
  /** Of its engine, where one answers. */
  readonly dockerVersion?: string;
  readonly cpus: number;
  /** Of the host: the averages over 1, 5 and 15 minutes. */
  readonly load: readonly number[];
  readonly memory: { readonly free: number; readonly total: number };
  /** The disk where content is spooled. */
  readonly spool: { readonly free: number; readonly total: number };
  /** The worker itself; the delay is the longest that it was not at its events since it last told of itself. */
  readonly process: { readonly residentBytes: number; readonly eventLoopDelayMs: number };
  readonly startedAt: string;
  /** When it last told of itself. */
  readonly seenAt: string;
}

/** A part that is away and that a worker waits for. */
export interface WorkerOutage {
  /** The store of artifacts, or the Docker engine of the worker. */
  readonly part: 'store' | 'engine';
  /** Of the fault by which it was found away. */
  readonly code: string;
  readonly since: string;
}

/** How the whole service stands. */
export interface ServiceStats {
  readonly jobs: { readonly [state in JobState]: number };
  /** Since the oldest queued job was submitted. */
  readonly oldestWaitMs?: number;
  /** With jobs that have not ended, or workers. */
  readonly pools: readonly PoolStats[];
}

/** How one pool stands. */
export interface PoolStats {
  readonly pool: string;
  readonly queued: number;
  readonly active: number;
  /** Since the oldest of its queued jobs was submitted. */
  readonly oldestWaitMs?: number;
  /** Without those that are draining. */
  readonly workers: number;
  /** Workers among them that take no jobs until the store or their engine is back. */
  readonly waiting: number;
  /** Jobs at a time of those workers, which they may share with other pools. */
  readonly capacity: number;
}
