import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  connectRedis,
  defaultLifetimes,
  defaultRetryPolicy,
  type Job,
  JobQueue,
  JobRecords,
  type JobRequest,
  type JobResult,
  jobRequestSchema,
  PoolQueues,
  type Redis,
  serviceLog,
} from '@dimgx/queue';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { type RedisServer, startRedis } from '../parts/redis.ts';

/** The queue over a real Redis of its own, without API and workers. */
export interface QueueFixture {
  readonly server: RedisServer;
  readonly redis: Redis;
  readonly queue: JobQueue;
  readonly records: JobRecords;
  readonly queues: PoolQueues;
  /** A job with its record alone, as if the process had died before it was queued. */
  recorded(): Promise<Job>;
  /** The sets that the job is in, without the prefix of all keys, sorted by their names. */
  indexesOf(id: string): Promise<string[]>;
  close(): Promise<void>;
}

export const queueLog = serviceLog('test', 'fatal');

export const jobRequest = (more: object = {}): JobRequest =>
  jobRequestSchema.parse({ image: 'debian:12', ...more });

export const jobResult = (reference: string): JobResult => ({
  image: {
    ...{ reference, digest: 'sha256:1', configDigest: 'sha256:2', platform: 'linux/amd64', repoTags: [] },
    config: { env: [], entrypoint: [], cmd: [], labels: {}, exposedPorts: [], volumes: [] },
  },
  layers: [],
  history: [],
});

/** One for all tests of a `describe`, empty when each of them begins. To be read in hooks and tests alone. */
export function emptiedQueue(): QueueFixture {
  const fixture = {} as QueueFixture;
  beforeAll(async () => {
    Object.assign(fixture, await queueFixture(inject('runFolder')));
  });
  beforeEach(async () => {
    await fixture.redis.flushall();
  });
  afterAll(() => fixture.close?.());
  return fixture;
}

async function queueFixture(runFolder: string): Promise<QueueFixture> {
  await using opened = new AsyncDisposableStack();
  const server = await startRedis(join(runFolder, randomUUID()));
  opened.defer(() => server.stop());
  const redis = await connectRedis(server, 'worker', () => {});
  opened.defer(() => redis.disconnect());
  const queue = await JobQueue.connect({ redis: server, log: queueLog });
  opened.defer(() => queue.close());
  const records = new JobRecords(redis, defaultLifetimes);
  const queues = new PoolQueues(redis, defaultRetryPolicy);
  opened.defer(() => queues.close());
  const all = opened.move();
  return {
    ...{ server, redis, queue, records, queues },
    recorded: async () => (await records.create(jobRequest())).job,
    indexesOf: (id) => indexesOf(redis, id),
    close: () => all.disposeAsync(),
  };
}

async function indexesOf(redis: Redis, id: string): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys('{dimgx}:jobs*')) {
    const type = await redis.type(key);
    const isIn = type === 'set' ? (await redis.sismember(key, id)) === 1 : await redis.zscore(key, id);
    if (isIn !== null && isIn !== false) found.push(key.slice('{dimgx}:'.length));
  }
  return found.sort();
}
