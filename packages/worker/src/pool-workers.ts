import { DimgxError } from '@dimgx/core';
import {
  connectionFault,
  type JobRecords,
  keyPrefix,
  type Mend,
  mendJob,
  type PoolQueues,
  type QueuedData,
  queueName,
  type Redis,
} from '@dimgx/queue';
import { Worker } from 'bullmq';
import type { Logger } from 'pino';
import { type AttemptContext, runAttempt } from './run-attempt.ts';

export interface PoolWorkerSettings {
  readonly redis: Redis;
  readonly records: JobRecords;
  readonly queues: PoolQueues;
  readonly concurrency: number;
  /** Milliseconds. */
  readonly lockDuration: number;
  readonly context: AttemptContext;
}

/** A job that has lost so many workers is given up: what kills every worker is in the image. */
const mostLostWorkers = 3;

const ofLostLock = /^(Missing lock|Lock mismatch|could not renew lock) for job /;

/**
 * A job that lost its worker is another's within the lock and one look for jobs without one. A look is cheap, and
 * takes nothing from a worker that lives: that one renews its lock twice as often as it must.
 */
export function lockTimes(lockDuration: number): { lockDuration: number; stalledInterval: number } {
  return { lockDuration, stalledInterval: Math.ceil(lockDuration / 6) };
}

/** Takes the jobs of one pool from now on. */
export function startPoolWorker(pool: string, settings: PoolWorkerSettings): Worker<QueuedData> {
  const { redis, records, queues, concurrency, lockDuration, context } = settings;
  const { log } = context;
  const worker = new Worker<QueuedData>(
    queueName(pool),
    // BullMQ counts the parameters: it gives the signal only to a processor that declares all three.
    (queued, token, signal) =>
      runAttempt(queued, token ?? '', signal ?? new AbortController().signal, context),
    {
      connection: redis,
      prefix: keyPrefix,
      name: context.name,
      concurrency,
      ...lockTimes(lockDuration),
      // Those that it bears.
      maxStalledCount: mostLostWorkers - 1,
      runRetryDelay: 1000,
    },
  );
  const mend = (id: string) => void mendAndTell(id, records, queues, log);
  worker.on('error', (error) => {
    const err = connectionFault(error);
    log[isToldElsewhere(err) ? 'debug' : 'warn']({ err, pool }, 'queue');
  });
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id);
  });
  // A job whose worker is gone goes to another one, or fails when that was too often. Its record does not know yet.
  worker.on('stalled', mend);
  worker.on('failed', (queued) => queued?.id !== undefined && mend(queued.id));
  return worker;
}

/**
 * Of a fault that BullMQ tells: the owner of a connection that is lost says that once, not each time that it is found
 * so, and an attempt whose lock is gone says it in words for people.
 */
export function isToldElsewhere(fault: Error): boolean {
  return (
    ofLostLock.test(fault.message) || (fault instanceof DimgxError && fault.code === 'REDIS_UNREACHABLE')
  );
}

async function mendAndTell(id: string, records: JobRecords, queues: PoolQueues, log: Logger): Promise<void> {
  try {
    const done: Mend | undefined = await mendJob(id, records, queues);
    if (done !== undefined) log.warn({ job: id, mend: done }, 'lost its worker');
  } catch (error) {
    log.warn({ job: id, err: error }, 'can not be mended yet');
  }
}
