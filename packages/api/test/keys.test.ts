import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId } from './api-fixture.ts';

const key = 'the-only-key-of-this-service';

let keyed: ApiFixture;
let open: ApiFixture;
beforeAll(async () => {
  keyed = await apiFixture({ apiKeys: [key] });
  open = await apiFixture();
  for (const { queue } of [keyed, open]) queue.jobs.set(knownId, jobOf({}));
});
afterAll(() => Promise.all([keyed.close(), open.close()]));

const url = `/v1/jobs/${knownId}`;

test('with a key of the service a job is shown', async () => {
  const response = await keyed.app.inject({ url, headers: { authorization: `Bearer ${key}` } });
  expect(response.statusCode).toBe(200);
});

test.each([
  ['none', {}],
  ['a wrong one', { authorization: 'Bearer of-bad-news-and-no-more' }],
  ['one in the query', { 'x-api-key': key }],
])('with %s it is not', async (_situation, headers) => {
  const response = await keyed.app.inject({ url, headers });
  expect(response.statusCode).toBe(401);
  expect(response.headers['www-authenticate']).toBe('Bearer');
  expect(response.json()).toMatchObject({ code: 'UNAUTHORIZED' });
});

test.each(['/livez', '/readyz', '/openapi.json', '/docs/'])('%s needs no key', async (path) => {
  expect((await keyed.app.inject(path)).statusCode).toBe(200);
});

test('two clients with the same idempotency key are two clients', async () => {
  const two = await apiFixture({ apiKeys: [key, `${key}-2`] });
  for (const each of [key, `${key}-2`, key]) {
    await two.app.inject({
      method: 'POST',
      url: '/v1/jobs',
      headers: { authorization: `Bearer ${each}`, 'idempotency-key': 'k' },
      payload: { image: 'debian' },
    });
  }
  const owners = two.queue.submitted.map(({ idempotency }) => idempotency?.owner);
  expect(new Set(owners).size).toBe(2);
  expect(owners[0]).toBe(owners[2]);
  await two.close();
});

test.each(['localhost', 'localhost:8080', '127.0.0.1:8080', '[::1]:8080'])(
  'without keys: %s is answered',
  async (host) => {
    expect((await open.app.inject({ url, headers: { host } })).statusCode).toBe(200);
  },
);

test.each(['rebound.example', 'rebound.example:8080', 'localhost.rebound.example'])(
  'without keys: a page that has its name %s point here is not',
  async (host) => {
    const response = await open.app.inject({ url, headers: { host } });
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'FORBIDDEN' });
  },
);
