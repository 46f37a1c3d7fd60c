import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connectRedis, RateLimits, type Redis } from '@dimgx/queue';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';

needs('redis')('the rate limits of a key', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis(join(inject('runFolder'), randomUUID()));
    redis = await connectRedis(server, 'worker', () => {});
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });

  const bucket = '{dimgx}:rate:a';
  /** Has the clock of the bucket go on by so many milliseconds. */
  const passed = async (milliseconds: number) => {
    await redis.hincrby(bucket, 'at', -milliseconds);
  };

  test('allow a minute of requests at once, by whichever API', async () => {
    const [one, other] = [new RateLimits(redis, 30), new RateLimits(redis, 30)];
    const taken = Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? one : other).take('a'));
    const allowed = (await Promise.all(taken)).filter(({ isAllowed }) => isAllowed);
    expect(allowed).toHaveLength(30);
    expect(allowed.map(({ left }) => left)).toContain(0);
  });

  test('then one for each part of the minute that passes', async () => {
    const limits = new RateLimits(redis, 30);
    for (let at = 0; at < 30; at++) await limits.take('a');
    const refused = await limits.take('a');
    expect(refused).toMatchObject({ isAllowed: false, left: 0 });
    expect(refused.nextMs).toBeGreaterThan(1500);
    expect(refused.nextMs).toBeLessThanOrEqual(2000);
    expect(refused.fullMs).toBeGreaterThan(59_000);
    await passed(2000);
    expect(await limits.take('a')).toMatchObject({ isAllowed: true, left: 0 });
    expect(await limits.take('a')).toMatchObject({ isAllowed: false });
    await passed(20_000);
    expect(await limits.take('a')).toMatchObject({ isAllowed: true, left: 9 });
  });

  test('save nothing up for longer than a minute', async () => {
    const limits = new RateLimits(redis, 30);
    await limits.take('a');
    await passed(3600_000);
    expect(await limits.take('a')).toMatchObject({ left: 29 });
  });

  test('are not undone by a clock that is set back', async () => {
    const limits = new RateLimits(redis, 30);
    for (let at = 0; at < 30; at++) await limits.take('a');
    await passed(-3600_000);
    expect(await limits.take('a')).toMatchObject({ isAllowed: false, left: 0 });
  });

  test('are of each key alone, and leave nothing of one that is not used', async () => {
    const limits = new RateLimits(redis, 1);
    for (const client of ['a', 'b']) expect((await limits.take(client)).isAllowed).toBe(true);
    expect((await limits.take('a')).isAllowed).toBe(false);
    expect(await redis.pttl(bucket)).toBeGreaterThan(50_000);
    expect(await redis.pttl(bucket)).toBeLessThanOrEqual(60_000);
  });
});
