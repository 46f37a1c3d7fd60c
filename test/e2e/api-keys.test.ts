import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { ApiKeys, connectRedis, type Redis } from '@dimgx/queue';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { type RedisServer, startRedis } from '../support/parts/redis.ts';

needs('redis')('API keys in a real Redis', () => {
  let server: RedisServer;
  let redis: Redis;
  let keys: ApiKeys;
  beforeAll(async () => {
    server = await startRedis(join(inject('runFolder'), randomUUID()));
    redis = await connectRedis(server, 'worker', () => {});
    keys = new ApiKeys(redis);
  });
  beforeEach(async () => {
    await redis.flushall();
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });

  test('a key that was made is known by its text, with its scopes', async () => {
    const { apiKey, text } = await keys.create({ name: 'ci', scopes: ['read', 'submit', 'read'] });
    expect(apiKey).toMatchObject({ name: 'ci', scopes: ['read', 'submit'] });
    expect(await keys.use(text)).toEqual({ state: 'known', id: apiKey.id, scopes: ['read', 'submit'] });
    expect(await keys.list()).toMatchObject([{ ...apiKey, lastUsedAt: expect.any(String) }]);
  });

  test('nothing in Redis has the key, or its secret', async () => {
    const { apiKey, text } = await keys.create({ name: 'ci', scopes: ['admin'] });
    const fields = await redis.hgetall(`{dimgx}:api-key:${apiKey.id}`);
    const secret = text.slice(`dimgx_${apiKey.id}_`.length);
    expect(JSON.stringify(fields)).not.toContain(secret);
    expect(fields.digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test('the right id with another secret is not known', async () => {
    const { text } = await keys.create({ name: 'ci', scopes: ['admin'] });
    const last = text.endsWith('A') ? 'B' : 'A';
    expect(await keys.use(text.slice(0, -1) + last)).toEqual({ state: 'unknown' });
    expect(await keys.use('of another service')).toEqual({ state: 'unknown' });
    expect((await keys.list())[0]?.lastUsedAt).toBeUndefined();
  });

  test('a revoked key is not known any more, to other processes neither', async () => {
    const connection = await connectRedis(server, 'producer', () => {});
    const other = new ApiKeys(connection);
    const { apiKey, text } = await keys.create({ name: 'ci', scopes: ['read'] });
    expect((await other.use(text)).state).toBe('known');
    await keys.revoke(apiKey.id);
    expect((await other.use(text)).state).toBe('unknown');
    expect(await other.list()).toEqual([]);
    await expect(other.revoke(apiKey.id)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    await expect(other.find(apiKey.id)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
    connection.disconnect();
  });

  test('a key expires by itself, and is still listed', async () => {
    const expiresAt = new Date(Date.now() + 20).toISOString();
    const { apiKey, text } = await keys.create({ name: 'ci', scopes: ['read'], expiresAt });
    await expect.poll(() => keys.use(text)).toEqual({ state: 'expired', id: apiKey.id });
    expect(await keys.find(apiKey.id)).toMatchObject({ expiresAt });
  });

  test('its last use is written once a minute at the most', async () => {
    const { apiKey, text } = await keys.create({ name: 'ci', scopes: ['read'] });
    const place = `{dimgx}:api-key:${apiKey.id}`;
    await keys.use(text);
    const first = await redis.hget(place, 'used');
    expect(Number(first)).toBeGreaterThan(Date.now() - 10_000);
    await redis.hset(place, 'used', Number(first) - 30_000);
    await keys.use(text);
    expect(await redis.hget(place, 'used')).toBe(`${Number(first) - 30_000}`);
    await redis.hset(place, 'used', Number(first) - 60_000);
    await keys.use(text);
    expect(Number(await redis.hget(place, 'used'))).toBeGreaterThanOrEqual(Number(first));
  });

  test('keys are wanted from the first one on, for good', async () => {
    expect(await keys.areWanted()).toBe(false);
    const { apiKey } = await keys.create({ name: 'ci', scopes: ['read'] });
    await keys.revoke(apiKey.id);
    expect(await keys.areWanted()).toBe(true);
  });

  test('there are a thousand at the most', async () => {
    const more = Array.from({ length: 1000 }, (_, at) => keys.create({ name: `${at}`, scopes: ['read'] }));
    const names = (await Promise.all(more)).map(({ apiKey }) => apiKey.name);
    expect(new Set(names).size).toBe(1000);
    await expect(keys.create({ name: 'more', scopes: ['read'] })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });
});
