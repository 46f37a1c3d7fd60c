import { access, constants } from 'node:fs/promises';
import { checkStore, DimgxError, makeFolders, openStore, systemWords } from '@dimgx/core';
import {
  ArtifactLifetimes,
  askRedis,
  connectRedis,
  defaultRetryPolicy,
  Fleet,
  identifyStore,
  JobRecords,
  PoolQueues,
  redisWarnings,
  Subscriptions,
} from '@dimgx/queue';
import { startAnnouncer } from './announcer.ts';
import { AttemptWatch } from './attempt-watch.ts';
import { Drain } from './drain.ts';
import { EngineWatch } from './engine-watch.ts';
import { startHeartbeat } from './heartbeat.ts';
import { enginePart, storePart } from './needed-parts.ts';
import { Outages } from './outages.ts';
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
const heartbeatInterval = 10 * second;
const announceInterval = 5 * second;
const startWithin = 30 * second;

/**
 * Takes jobs from now on. Throws `CONFIG_INVALID`, `REDIS_UNREACHABLE` or what the store's check throws, and then has
 * left nothing open.
 */
export async function startWorker(settings: WorkerSettings): Promise<RunningWorker> {
  const complete = { ...workerDefaults, ...settings };
  const { heartbeatFile, name, pools, tracing, log } = complete;
  await using opened = new AsyncDisposableStack();

  const store = openStore(complete.store, complete.s3);
  opened.defer(() => store.close());
  await checkStore(store, startWithin);
  await openFolder(complete.spoolFolder);

  const onError = (err: Error) => log.warn({ err }, 'redis connection');
  const redis = await connectRedis(complete.redis, 'worker', onError);
  opened.defer(() => redis.disconnect());
  await identifyStore(redis, store);
  for (const warning of await redisWarnings(redis)) log.warn(warning);
  if (heartbeatFile !== undefined) {
    const ping = () => askRedis(redis);
    opened.defer(await startHeartbeat({ file: heartbeatFile, ping, interval: heartbeatInterval, log }));
  }

  const jobs = new Set<string>();
  const drain = new Drain({ grace: complete.shutdownGrace, jobs, log });
  const engine = new EngineWatch(complete.dockerHost);
  const parts = [storePart(store), enginePart(engine)];
  const outages = new Outages({ parts, draining: drain.begun, log });
  const queues = new PoolQueues(redis, defaultRetryPolicy);
  opened.defer(() => queues.close());
  const records = new JobRecords(redis, complete.lifetimes);
  const artifacts = new ArtifactLifetimes(redis, complete.lifetimes);
  const subscriptions = await Subscriptions.connect(complete.redis, log);
  opened.defer(() => subscriptions.close());
  const watch = new AttemptWatch({ records, subscriptions, interval: complete.lookInterval, log });
  opened.defer(() => watch.close());
  const context: AttemptContext = {
    ...{ records, watch, outages, name, tracing, log },
    ...{ timeoutSeconds: complete.timeoutSeconds, shutdown: drain.interrupted },
    async work(job, attempt) {
      jobs.add(job.id);
      announcer.jobsChanged();
      try {
        return await processJob(job, attempt, { ...complete, store, artifacts });
      } finally {
        jobs.delete(job.id);
        announcer.jobsChanged();
      }
    },
  };
  const announced = { ...complete, engine, outages, jobs, draining: drain.begun, interval: announceInterval };
  const announcer = await startAnnouncer({ ...announced, fleet: new Fleet(redis) });
  opened.defer(() => announcer.end());
  const workers = pools.map((pool) =>
    startPoolWorker(pool, { ...complete, redis, records, queues, context }),
  );
  for (const worker of workers) outages.govern(worker);
  opened.defer(() => drain.end(workers));
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  log.info({ worker: name, pools, store: store.location }, 'ready for jobs');

  const running = opened.move();
  return { name, close: closeOnce(() => running.disposeAsync(), drain) };
}

async function openFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    const message = `the spool folder ${folder} can't be used: ${systemWords(cause)}`;
    throw new DimgxError('CONFIG_INVALID', message, { cause });
  }
}

function closeOnce(closeAll: () => Promise<void>, drain: Drain): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    if (closing !== undefined) drain.hurry();
    closing ??= closeAll();
    return closing;
  };
}
