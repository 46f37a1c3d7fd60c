import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Limits, S3Settings } from '@dimgx/core';
import {
  defaultLifetimes,
  type JobLifetimes,
  noTracing,
  type RedisSettings,
  type Tracing,
} from '@dimgx/queue';
import type { Logger } from 'pino';

export interface WorkerSettings {
  readonly redis: RedisSettings;
  /** `file:DIR` or `s3://BUCKET/PREFIX`: the same for all workers and the API. */
  readonly store: string;
  readonly s3?: S3Settings;
  /** Whose jobs to take. */
  readonly pools?: readonly string[];
  /** Jobs of one pool at a time. */
  readonly concurrency?: number;
  /** As `DOCKER_HOST`; without it, the usual socket. */
  readonly dockerHost?: string;
  /** Folders below which images may be files. */
  readonly fileSources?: readonly string[];
  /** Where content is spooled that can't be read where it lies. Made if it is not there. */
  readonly spoolFolder?: string;
  readonly limits?: Partial<Limits>;
  /** Seconds that a job may take unless it says so itself. */
  readonly timeoutSeconds?: number;
  readonly lifetimes?: JobLifetimes;
  /** Milliseconds between two looks whether a running job was cancelled, should the word of it be lost. */
  readonly lookInterval?: number;
  /** Milliseconds without a sign of life of this worker after which its jobs are given to others, a sixth later. */
  readonly lockDuration?: number;
  /** Written to every ten seconds while Redis answers, and removed on `close`; see `startHeartbeat`. */
  readonly heartbeatFile?: string;
  /** Milliseconds that running jobs have to end after `close`. */
  readonly shutdownGrace?: number;
  /** Tells in a job's record who works on it. */
  readonly name?: string;
  /** Stays its owner's. Without it, nothing is traced. */
  readonly tracing?: Tracing;
  readonly log: Logger;
}

export const workerDefaults = {
  pools: ['default'],
  concurrency: 1,
  fileSources: [],
  spoolFolder: join(tmpdir(), 'dimgx'),
  timeoutSeconds: 6 * 60 * 60,
  lifetimes: defaultLifetimes,
  lookInterval: 1000,
  lockDuration: 30_000,
  shutdownGrace: 30_000,
  name: `${hostname()}-${process.pid}`,
  tracing: noTracing,
} as const satisfies Partial<WorkerSettings>;
