import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

const key = 'the-only-key-of-this-service';
const url = '/v1/jobs';
const headers = { authorization: `Bearer ${key}` };

/** Clients that were counted; after the second request of each there is nothing left for half a minute. */
const counted: string[] = [];
const limits = {
  perMinute: 2,
  async take(client: string) {
    counted.push(client);
    const left = 2 - counted.filter((each) => each === client).length;
    return { isAllowed: left >= 0, left: Math.max(0, left), nextMs: 29_001, fullMs: 59_001 };
  },
};

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({ apiKeys: [key], limits });
});
beforeEach(() => {
  counted.length = 0;
});
afterAll(() => fixture.close());

test('each answer says what is left of the requests of a key', async () => {
  const response = await fixture.app.inject({ url, headers });
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    'ratelimit-policy': '"key";q=2;w=60',
    ratelimit: '"key";r=1;t=60',
  });
});

test('one too many is refused, and told when to come again', async () => {
  for (const _ of [1, 2]) await fixture.app.inject({ url, headers });
  const response = await fixture.app.inject({ url, headers });
  expect(response.statusCode).toBe(429);
  expect(response.headers).toMatchObject({ 'retry-after': '30', ratelimit: '"key";r=0;t=60' });
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json()).toMatchObject({ code: 'RATE_LIMITED', detail: expect.stringMatching(/2 .*30 s/) });
});

test('each key has its own', async () => {
  const { text } = await fixture.keys.create({ name: 'other', scopes: ['read'] });
  for (const _ of [1, 2, 3]) await fixture.app.inject({ url, headers });
  const response = await fixture.app.inject({ url, headers: { authorization: `Bearer ${text}` } });
  expect(response.statusCode).toBe(200);
  expect(new Set(counted).size).toBe(2);
});

test('what is refused for want of a scope counts too, what has no key does not', async () => {
  const { text } = await fixture.keys.create({ name: 'other', scopes: ['read'] });
  await fixture.app.inject({ url: '/v1/keys', headers: { authorization: `Bearer ${text}` } });
  expect(counted).toHaveLength(1);
  expect((await fixture.app.inject({ url })).statusCode).toBe(401);
  expect((await fixture.app.inject({ url: '/livez' })).statusCode).toBe(200);
  expect(counted).toHaveLength(1);
});

test('a service that is open to its own machine counts nothing', async () => {
  const open = await apiFixture({ limits });
  const response = await open.app.inject({ url });
  expect(response.statusCode).toBe(200);
  expect(response.headers).not.toHaveProperty('ratelimit');
  expect(counted).toEqual([]);
  await open.close();
});
