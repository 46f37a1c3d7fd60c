import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  connectRedis,
  defaultLifetimes,
  defaultRetryPolicy,
  idempotencyOf,
  JobQueue,
  JobRecords,
  keyPrefix,
  mendJob,
  PoolQueues,
  queueName,
  type Redis,
  redisWarnings,
} from '@dimgx/queue';
import { Worker } from 'bullmq';
import { beforeAll, expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';
import {
  emptiedQueue,
  jobRequest,
  jobResult,
  type QueueFixture,
  queueLog,
} from '../support/service/queue-fixture.ts';

const log = queueLog;
const request = jobRequest;
const result = jobResult;
const ofImage = 'jobs:image:debian:12';
const queuedIndexes = ['jobs', 'jobs-waiting', ofImage, 'jobs:state:queued'];
const progress = { phase: 'flatten', bytes: 10, entries: 1 } as const;

needs('redis')('jobs on a real Redis', () => {
  const fixture = emptiedQueue();
  let server: RedisServer;
  let redis: Redis;
  let queue: JobQueue;
  let records: JobRecords;
  let queues: PoolQueues;
  let recorded: QueueFixture['recorded'];
  let indexesOf: QueueFixture['indexesOf'];

  beforeAll(() => {
    ({ server, redis, queue, records, queues, recorded, indexesOf } = fixture);
  });

  test('a submitted job is recorded and queued, and is found again', async () => {
    const job = await queue.submit(request({ priority: 'high', labels: { team: 'a' } }));
    expect(job).toMatchObject({
      state: 'queued',
      kind: 'flatten',
      attempts: 0,
      request: { priority: 'high' },
    });
    expect(await queue.find(job.id)).toEqual(job);
    expect(await queues.position(job)).toBe('prioritized');
  });

  test('all that BullMQ gets of a job is its id', async () => {
    const { id } = await queue.submit(request({ labels: { password: 'hunter2' } }));
    expect(await redis.hget(`${keyPrefix}:flatten-default:${id}`, 'data')).toBe(JSON.stringify({ id }));
  });

  test('of jobs that wait, those of a higher priority are begun first, else the oldest', async () => {
    const ids: string[] = [];
    for (const priority of ['low', 'normal', 'high', 'normal'] as const) {
      ids.push((await queue.submit(request({ priority }))).id);
    }
    const worker = new Worker(queueName('default'), undefined, { connection: redis, prefix: keyPrefix });
    try {
      const order: number[] = [];
      for (let count = 0; count < ids.length; count++) {
        const taken = await worker.getNextJob('token');
        order.push(ids.indexOf(taken?.id ?? ''));
      }
      expect(order).toEqual([2, 1, 3, 0]);
    } finally {
      await worker.close();
    }
  });

  test('every key carries the hash tag, so a cluster keeps them together', async () => {
    await queue.submit(request(), { idempotency: idempotencyOf('c', 'k', request()) });
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(5);
    expect(keys.filter((key) => !key.startsWith('{dimgx}:'))).toEqual([]);
  });

  test('an unknown job', async () => {
    await expect(queue.find(randomUUID())).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });

  test('two requests at once with the same idempotency key make one job', async () => {
    const idempotency = idempotencyOf('client', 'key', request());
    const jobs = await Promise.all([1, 2, 3, 4].map(() => queue.submit(request(), { idempotency })));
    expect(new Set(jobs.map(({ id }) => id)).size).toBe(1);
    expect(await redis.zcard('{dimgx}:jobs')).toBe(1);
  });

  test('the same idempotency key with another request is refused', async () => {
    const { id } = await queue.submit(request(), {
      idempotency: idempotencyOf('client', 'key', request()),
    });
    const other = request({ force: true });
    await expect(
      queue.submit(other, { idempotency: idempotencyOf('client', 'key', other) }),
    ).rejects.toMatchObject({
      code: 'IDEMPOTENCY_MISMATCH',
      message: expect.stringContaining(id),
    });
  });

  test('an idempotency key that outlived its job makes a new one', async () => {
    const idempotency = idempotencyOf('client', 'key', request());
    const first = await queue.submit(request(), { idempotency });
    await redis.del(`{dimgx}:job:${first.id}`);
    const second = await queue.submit(request(), { idempotency });
    expect(second.id).not.toBe(first.id);
    expect((await queue.submit(request(), { idempotency })).id).toBe(second.id);
  });

  test('an idempotency key is remembered for a day', async () => {
    const idempotency = idempotencyOf('client', 'key', request());
    await queue.submit(request(), { idempotency });
    const left = await redis.pttl(`{dimgx}:idempotency:${idempotency.owner}`);
    expect(left).toBeGreaterThan(24 * 3600_000 - 60_000);
    expect(left).toBeLessThanOrEqual(24 * 3600_000);
  });

  test('an attempt takes the job, reports and completes it', async () => {
    const { id, createdAt } = await recorded();
    expect((await records.start(id, 'a', 'host-1'))?.job).toMatchObject({
      state: 'active',
      attempts: 1,
      worker: 'host-1',
    });
    expect(await records.report(id, 'a', progress)).toBe('held');
    expect((await queue.find(id)).progress).toEqual(progress);
    expect(await records.end(id, 'a', { state: 'completed', result: result('a'), progress })).toBe(true);
    const job = await queue.find(id);
    expect(job).toMatchObject({ state: 'completed', result: result('a'), createdAt, worker: 'host-1' });
    expect(Date.parse(job.expiresAt ?? '') - Date.parse(job.finishedAt ?? '')).toBe(7 * 24 * 3600_000);
    expect(await indexesOf(id)).toEqual(['jobs', 'jobs-expiring', ofImage, 'jobs:state:completed']);
  });

  test('an attempt that lost its job to another can write nothing any more', async () => {
    const { id } = await recorded();
    await records.start(id, 'old', 'host-1');
    await records.start(id, 'new', 'host-2');
    expect(await records.report(id, 'old', progress)).toBe('lost');
    expect(await records.end(id, 'old', { state: 'completed', result: result('a'), progress })).toBe(false);
    expect(await queue.find(id)).toMatchObject({ state: 'active', worker: 'host-2', attempts: 2 });
    expect(await records.end(id, 'new', { state: 'completed', result: result('new'), progress })).toBe(true);
    expect(await records.end(id, 'old', { state: 'queued', handedOn: 'INTERRUPTED' })).toBe(false);
    expect((await queue.find(id)).result).toEqual(result('new'));
  });

  test('a finished job is not begun again', async () => {
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'completed', result: result('a'), progress });
    expect(await records.start(id, 'b', 'host-2')).toBeUndefined();
    expect((await queue.find(id)).attempts).toBe(1);
    expect(await records.start(randomUUID(), 'b', 'host-2')).toBeUndefined();
  });

  test('between two attempts a job is queued and tells why; the next attempt clears that', async () => {
    const { id } = await recorded();
    const error = { code: 'DOCKER_UNREACHABLE', message: 'no engine', retryable: true } as const;
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'queued', error });
    const waiting = await queue.find(id);
    expect(waiting).toMatchObject({ state: 'queued', error, attempts: 1 });
    expect(waiting.worker).toBeUndefined();
    expect(waiting.startedAt).toBeUndefined();
    expect(await indexesOf(id)).toEqual(queuedIndexes);
    expect((await records.start(id, 'b', 'host-1'))?.job.error).toBeUndefined();
    expect(await indexesOf(id)).toEqual(['jobs', ofImage, 'jobs:state:active']);
  });

  test('an expired job is gone, from the indexes and with its journal, and the next one is kept', async () => {
    const shortLived = new JobRecords(redis, { ...defaultLifetimes, recordDays: 0 });
    const { id } = await recorded();
    await shortLived.start(id, 'a', 'host-1');
    await shortLived.end(id, 'a', { state: 'completed', result: result('a'), progress });
    await expect(queue.find(id)).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    const kept = await recorded();
    await queue.sweep();
    expect(await indexesOf(id)).toEqual([]);
    expect(await redis.keys(`*${id}*`)).toEqual([]);
    expect(await indexesOf(kept.id)).toEqual(queuedIndexes);
  });

  test('mending: recorded but never queued', async () => {
    const job = await recorded();
    expect(await mendJob(job.id, records, queues)).toBe('added');
    expect(await queues.position(job)).toBe('prioritized');
    expect(await mendJob(job.id, records, queues)).toBeUndefined();
  });

  test('mending: active, but the queue knows nothing of it', async () => {
    const { id } = await recorded();
    await records.start(id, 'a', 'host-1');
    expect(await mendJob(id, records, queues)).toBe('failed');
    expect(await queue.find(id)).toMatchObject({
      state: 'failed',
      error: { code: 'WORKER_LOST', message: expect.stringContaining('host-1'), retryable: true },
    });
    expect(await mendJob(id, records, queues)).toBeUndefined();
  });

  test('mending: active, but waiting in the queue', async () => {
    const { id } = await queue.submit(request());
    await records.start(id, 'a', 'host-1');
    expect(await mendJob(id, records, queues)).toBe('requeued');
    const job = await queue.find(id);
    expect(job.state).toBe('queued');
    expect(job.error).toBeUndefined();
  });

  test('mending: a job that is worked on is left alone', async () => {
    const { id } = await queue.submit(request());
    const worker = new Worker(queueName('default'), undefined, { connection: redis, prefix: keyPrefix });
    try {
      expect((await worker.getNextJob('token'))?.id).toBe(id);
      // As it is until the worker has told the record.
      expect(await mendJob(id, records, queues)).toBeUndefined();
      await records.start(id, 'a', 'host-1');
      expect(await mendJob(id, records, queues)).toBeUndefined();
      expect((await queue.find(id)).state).toBe('active');
    } finally {
      await worker.close();
    }
  });

  test('a job that is recorded is accepted, also if the queue can not take it now', async () => {
    // May touch records, but not BullMQ's keys.
    await redis.acl(
      'SETUSER',
      'recorder',
      'on',
      '>password',
      '~{dimgx}:job*',
      '~{dimgx}:nowhere',
      '~{dimgx}:pool*',
      '~{dimgx}:share*',
      '&*',
      '+@all',
    );
    const url = `redis://recorder:password@127.0.0.1:${server.port}`;
    const recorder = await JobQueue.connect({ redis: { url }, log });
    const job = await recorder.submit(request());
    await recorder.close();
    expect(await queues.position(job)).toBe('unknown');
    await queue.mend();
    expect(await queues.position(job)).toBe('prioritized');
  });

  test('mending goes on by itself', async () => {
    const other = await JobQueue.connect({ redis: server, log });
    const often = { sweep: 50, mend: 50 };
    const stops = [queue.keepUp(often), other.keepUp(often)];
    const job = await recorded();
    await expect.poll(() => queues.position(job), { timeout: 10_000 }).toBe('prioritized');
    await Promise.all(stops.map((stop) => stop()));
    await other.close();
  });

  test('mending all: each unfinished job is seen to, unreadable records stop nothing', async () => {
    for (const request of ['{}', 'no JSON']) {
      const { id } = await recorded();
      await redis.hset(`{dimgx}:job:${id}`, 'request', request);
    }
    const jobs = await Promise.all(Array.from({ length: 1200 }, recorded));
    await queue.mend();
    const positions = await Promise.all(jobs.map((job) => queues.position(job)));
    expect(positions.filter((position) => position !== 'prioritized')).toEqual([]);
  });
});

needs('redis')('a Redis that is not as it should be', () => {
  async function withRedis(
    args: readonly string[],
    use: (redis: Redis, server: RedisServer) => Promise<void>,
    password?: string,
  ): Promise<void> {
    const folder = join(inject('runFolder'), randomUUID());
    const server = await startRedis(folder, password === undefined ? { args } : { args, password });
    try {
      const redis = await connectRedis(server, 'producer', () => {});
      try {
        await use(redis, server);
      } finally {
        redis.disconnect();
      }
    } finally {
      await server.stop();
    }
  }

  test('a good one gives no warning', () =>
    withRedis([], async (redis) => {
      expect(await redisWarnings(redis)).toEqual([]);
    }));

  test('one that evicts gives one', () =>
    withRedis(['--maxmemory-policy', 'allkeys-lru'], async (redis) => {
      expect(await redisWarnings(redis)).toEqual([expect.stringContaining('allkeys-lru')]);
    }));

  test('one that keeps nothing gives one', () =>
    withRedis(['--appendonly', 'no'], async (redis) => {
      expect(await redisWarnings(redis)).toEqual([expect.stringContaining('appendonly yes')]);
    }));

  test('one with snapshots alone gives none', () =>
    withRedis(['--appendonly', 'no', '--save', '3600 1'], async (redis) => {
      expect(await redisWarnings(redis)).toEqual([]);
    }));

  test.each([
    ['is full', ['--maxmemory', '1mb'], /OOM/],
    ['wants replicas that it lacks', ['--min-replicas-to-write', '1'], /NOREPLICAS/],
  ])('one that %s takes no job, and answers what is asked', (_how, args, why) =>
    withRedis(args, async (_redis, server) => {
      const queue = await JobQueue.connect({ redis: server, log });
      try {
        await expect(queue.submit(request())).rejects.toMatchObject({
          code: 'REDIS_UNREACHABLE',
          message: expect.stringMatching(why),
        });
        expect((await queue.list({}, 10)).jobs).toEqual([]);
      } finally {
        await queue.close();
      }
    }),
  );

  test('one with a password is served with it, and refuses without', () =>
    withRedis(
      [],
      async (redis, server) => {
        expect(await redis.ping()).toBe('PONG');
        const without = connectRedis({ url: `redis://127.0.0.1:${server.port}` }, 'producer', () => {});
        await expect(without).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
      },
      'sesame',
    ));

  /** What was told to it is on disk, so that it survives a kill. */
  function durableRedis(): Promise<RedisServer> {
    return startRedis(join(inject('runFolder'), randomUUID()), { args: ['--appendfsync', 'always'] });
  }

  function halt(signal: 'SIGSTOP' | 'SIGCONT'): (server: RedisServer) => Promise<void> {
    return async ({ pid }) => void process.kill(pid, signal);
  }

  /** Until it no longer throws. */
  async function comesBack(call: () => Promise<unknown>): Promise<void> {
    const works = () =>
      call().then(
        () => true,
        () => false,
      );
    await expect.poll(works, { timeout: 10_000 }).toBe(true);
  }

  test.each([
    ['killed', (server: RedisServer) => server.kill(), (server: RedisServer) => server.restart()],
    ['hanging', halt('SIGSTOP'), halt('SIGCONT')],
  ])('while it is %s each call fails within a second, and works afterwards', async (_how, harm, heal) => {
    const server = await durableRedis();
    const queue = await JobQueue.connect({ redis: server, log });
    try {
      const { id } = await queue.submit(request());
      await harm(server);
      const begun = performance.now();
      const calls = [queue.submit(request()), queue.find(id), queue.ping(), queue.mend()];
      const outcomes = await Promise.allSettled(calls);
      expect(performance.now() - begun).toBeLessThan(1000);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'REDIS_UNREACHABLE' } });
      }
      await heal(server);
      await comesBack(() => queue.ping());
      expect((await queue.submit(request())).state).toBe('queued');
      expect((await queue.find(id)).state).toBe('queued');
    } finally {
      await queue.close();
      await server.stop();
    }
  });

  test('a queue that is first used while it is away fails within a second, and works afterwards', async () => {
    const server = await durableRedis();
    const redis = await connectRedis(server, 'producer', () => {});
    const queues = new PoolQueues(redis, defaultRetryPolicy);
    try {
      const { job } = await new JobRecords(redis, defaultLifetimes).create(request());
      await server.kill();
      const begun = performance.now();
      await expect(queues.add(job)).rejects.toMatchObject({ code: 'REDIS_UNREACHABLE' });
      expect(performance.now() - begun).toBeLessThan(1000);
      await server.restart();
      await comesBack(() => queues.add(job));
      expect(await queues.position(job)).toBe('prioritized');
    } finally {
      await queues.close();
      redis.disconnect();
      await server.stop();
    }
  });
});
