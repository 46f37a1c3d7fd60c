import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { connectRedis, type Redis, type RedisSettings } from '@dimgx/queue';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import type { RedisServer } from '../support/parts/redis.ts';
import { type RedisSentinels, startRedisSentinels } from '../support/parts/redis-sentinels.ts';
import { selfSigned } from '../support/self-signed-certificate.ts';
import { type OutageFixture, outageFixture } from '../support/service/outage-fixture.ts';

needs('redis', 'redisClient')('a service on a Redis that sentinels watch', () => {
  let sentinels: RedisSentinels;
  let fixture: OutageFixture;

  beforeAll(async () => {
    const folder = join(inject('runFolder'), randomUUID());
    sentinels = await startRedisSentinels(join(folder, 'redis'));
    fixture = await outageFixture(sentinels, folder);
  }, 60_000);
  afterAll(async () => {
    await fixture?.close();
    await sentinels?.stop();
  });

  const harms: [
    how: string,
    harm: (master: RedisServer) => unknown,
    heal: (master: RedisServer) => unknown,
  ][] = [
    ['is killed', (master) => master.kill(), (master) => master.restart()],
    [
      'says nothing any more',
      ({ pid }) => process.kill(pid, 'SIGSTOP'),
      ({ pid }) => process.kill(pid, 'SIGCONT'),
    ],
  ];

  test.each(harms)(
    'the master %s in the midst of jobs: a replica takes over, and none is lost',
    async (_how, harm, heal) => {
      const ids = await fixture.submitted(40);
      const master = await sentinels.replicated();
      await harm(master);
      await fixture.isUnavailable();
      await fixture.recovers();
      expect(await sentinels.master()).not.toBe(master);
      await fixture.allCompleted(ids);
      await fixture.cancelsRunning();
      await heal(master);
      await fixture.allCompleted(await fixture.submitted(5));
    },
  );

  test('another one is made the master in the midst of jobs, and none is lost', async () => {
    const master = await sentinels.master();
    const ids = await fixture.submitted(40);
    await sentinels.failover();
    await expect.poll(() => sentinels.master(), { timeout: 20_000 }).not.toBe(master);
    await fixture.recovers();
    await fixture.allCompleted(ids);
  });

  test('sentinels that are away change nothing, while the master is there', async () => {
    await Promise.all(sentinels.sentinels.map((sentinel) => sentinel.kill()));
    await fixture.allCompleted(await fixture.submitted(5));
  });
});

needs('redis', 'redisClient')('a connection by sentinels', () => {
  let sentinels: RedisSentinels;
  const opened: Redis[] = [];

  beforeAll(async () => {
    sentinels = await startRedisSentinels(join(inject('runFolder'), randomUUID()), {
      ...{ password: 'hidden', sentinelPassword: 'secret', tls: selfSigned() },
    });
  }, 60_000);
  afterAll(async () => {
    for (const redis of opened) redis.disconnect();
    await sentinels?.stop();
  });

  async function connected(settings: RedisSettings): Promise<Redis> {
    const redis = await connectRedis(settings, 'producer', () => {});
    opened.push(redis);
    return redis;
  }

  test('with a password, one of the sentinels, and TLS', async () => {
    const redis = await connected(sentinels);
    expect(await redis.set('a', 'b')).toBe('OK');
  });

  test('when the first sentinel is not there', async () => {
    const redis = await connected({
      ...sentinels,
      url: sentinels.url.replace('127.0.0.1:', '127.0.0.1:1,127.0.0.1:'),
    });
    expect(await redis.set('a', 'b')).toBe('OK');
  });

  const refusals: [situation: string, settings: () => RedisSettings, message: RegExp][] = [
    [
      'no password for the master',
      () => ({ ...sentinels, url: sentinels.url.replace(':hidden@', '') }),
      /: it asks for a password: put it into REDIS_URL, as in redis:\/\/:PASSWORD@HOST:PORT$/,
    ],
    [
      'a wrong one',
      () => ({ ...sentinels, url: sentinels.url.replace('hidden', 'wrong') }),
      /does not take the user name or password of REDIS_URL$/,
    ],
    [
      'no password for the sentinels',
      () => ({ url: sentinels.url, ...(sentinels.caFile !== undefined && { caFile: sentinels.caFile }) }),
      /REDIS_SENTINEL_PASSWORD$/,
    ],
    [
      'a wrong one for the sentinels',
      () => ({ ...sentinels, sentinelPassword: 'wrong' }),
      /REDIS_SENTINEL_PASSWORD$/,
    ],
    [
      'a master that they do not know',
      () => ({ ...sentinels, url: `${sentinels.url}-not` }),
      /know no master of that name; see REDIS_URL$/,
    ],
    [
      'no sentinel there',
      () => ({ ...sentinels, url: 'rediss+sentinel://:hidden@127.0.0.1:1/main' }),
      /ECONNREFUSED/,
    ],
    [
      'no TLS',
      () => ({ ...sentinels, url: sentinels.url.replace('rediss', 'redis') }),
      /must begin with rediss/,
    ],
  ];

  test.each(refusals)('with %s is refused, in a line', async (_situation, settings, message) => {
    const refused = await connected(settings()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'REDIS_UNREACHABLE', message: expect.stringMatching(message) });
    expect(String(refused)).not.toMatch(/hidden|secret|wrong\b|\n/);
  });
});
