import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  connectRedis,
  defaultLifetimes,
  defaultRetryPolicy,
  JobQueue,
  JobRecords,
  PoolQueues,
  type Redis,
  redisWarnings,
} from '@dimgx/queue';
import { expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';
import { queueLog as log, jobRequest as request } from '../support/service/queue-fixture.ts';

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
