import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError, openStore, systemCode } from '@dimgx/core';
import { connectRedis, defaultRetryPolicy, JobRecords, PoolQueues, redisWarnings } from '@dimgx/queue';
import type { Worker } from 'bullmq';
import { startHeartbeat } from './heartbeat.ts';
import { startPoolWorker } from './pool-workers.ts';
import { processJob } from './process-job.ts';
import type { AttemptContext } from './run-attempt.ts';
import { type WorkerSettings, workerDefaults } from './settings.ts';

export interface RunningWorker {
  readonly name: string;
  /**
   * Takes no more jobs and lets the running ones end within the grace; those that don't go back to the queue. Called
   * again: at once.
   */
  close(): Promise<void>;
}

const second = 1000;
/** How long interrupted jobs may take to clean up behind themselves. */
const cleanUpWithin = 10 * second;
const heartbeatInterval = 10 * second;

/**
 * Takes jobs from now on. Throws `CONFIG_INVALID`, `REDIS_UNREACHABLE` or what the store's check throws, and then has
 * left nothing open.
 */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const complete = { ...workerDefaults, ...settings };
  const { spoolFolder, redisUrl, recordDays, heartbeatFile, shutdownGrace, name, log } = complete;
  const store = openStore(complete.store, complete.s3);
  const opened: (() => unknown)[] = [() => store.close()];
  const closeAll = async () => {
    for (const close of opened.toReversed()) await close();
  };
  try {
    await store.check(AbortSignal.timeout(30 * second));
    await makeFolder(spoolFolder);
    const redis = await connectRedis(redisUrl, 'worker', (error) =>
      log.warn({ err: error }, 'redis connection'),
    );
    opened.push(() => redis.disconnect());
    for (const warning of await redisWarnings(redis)) log.warn(warning);
    if (heartbeatFile !== undefined) {
      const ping = () => redis.ping();
      opened.push(await startHeartbeat({ file: heartbeatFile, ping, interval: heartbeatInterval, log }));
    }
    const queues = new PoolQueues(redis, defaultRetryPolicy);
    opened.push(() => queues.close());
    const records = new JobRecords(redis, recordDays);
    const shutdown = new AbortController();
    const context: AttemptContext = {
      ...{ records, name, log, timeoutSeconds: complete.timeoutSeconds, shutdown: shutdown.signal },
      work: (job, attempt) => processJob(job, attempt, { ...complete, store }),
    };
    const workers = complete.pools.map((pool) =>
      startPoolWorker(pool, { ...complete, redis, records, queues, context }),
    );
    opened.push(() => drain(workers, shutdown, shutdownGrace));
    await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    log.info({ worker: name, pools: complete.pools, store: store.location }, 'ready for jobs');
    return { name, close: closeOnce(closeAll, shutdown) };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new DimgxError('CONFIG_INVALID', `the spool folder ${folder} can't be made: ${systemCode(cause)}`, {
      cause,
    });
  }
}

function closeOnce(closeAll: () => Promise<void>, shutdown: AbortController): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    if (closing !== undefined) interrupt(shutdown);
    closing ??= closeAll();
    return closing;
  };
}

function interrupt(shutdown: AbortController): void {
  shutdown.abort(new DimgxError('INTERRUPTED', 'the worker was stopped'));
}

/** Takes nothing more; resolves when the running jobs have ended, or have had their time. */
async function drain(workers: readonly Worker[], shutdown: AbortController, grace: number): Promise<void> {
  const timer = setTimeout(() => interrupt(shutdown), grace);
  const ended = Promise.all(workers.map((worker) => worker.close()));
  const cutOff = async () => {
    if (!shutdown.signal.aborted) await once(shutdown.signal, 'abort');
    await delay(cleanUpWithin, undefined, { ref: false });
  };
  await Promise.race([ended, cutOff()]);
  clearTimeout(timer);
}
