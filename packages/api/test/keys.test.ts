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
const withKey = (text: string) => ({ authorization: `Bearer ${text}` });

test('with a key of the service a job is shown', async () => {
  const response = await keyed.app.inject({ url, headers: { authorization: `Bearer ${key}` } });
  expect(response.statusCode).toBe(200);
});

test.each([
  ['none', {}, 'an API key is needed: send Authorization: Bearer KEY'],
  ['a wrong one', { authorization: 'Bearer of-bad-news-and-no-more' }, 'is not known here, or revoked'],
  ['one in another header', { 'x-api-key': key }, 'an API key is needed'],
])('with %s it is not', async (_situation, headers, detail) => {
  const response = await keyed.app.inject({ url, headers });
  expect(response.statusCode).toBe(401);
  expect(response.headers['www-authenticate']).toBe('Bearer');
  expect(response.json()).toMatchObject({
    code: 'UNAUTHORIZED',
    detail: expect.stringContaining(detail),
  });
});

test.each(['/livez', '/readyz', '/metrics', '/openapi.json', '/docs/'])('%s needs no key', async (path) => {
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

test('a key that was made opens what its scopes say; revoked, it opens nothing', async () => {
  const made = await keyed.app.inject({
    method: 'POST',
    url: '/v1/keys',
    headers: withKey(key),
    payload: { name: 'ci', scopes: ['read'] },
  });
  expect(made.statusCode).toBe(201);
  expect(made.headers['cache-control']).toBe('no-store');
  const { id, key: text, ...told } = made.json();
  expect(made.headers.location).toBe(`/v1/keys/${id}`);
  expect(told).toMatchObject({ name: 'ci', scopes: ['read'] });

  const looked = await keyed.app.inject({ url, headers: withKey(text) });
  expect(looked.statusCode).toBe(200);
  const refused = await keyed.app.inject({ method: 'DELETE', url, headers: withKey(text) });
  expect(refused.statusCode).toBe(403);
  expect(refused.headers['www-authenticate']).toBe('Bearer error="insufficient_scope", scope="manage"');
  expect(refused.json()).toMatchObject({ code: 'FORBIDDEN', detail: expect.stringMatching(/manage.*read/) });

  const listed = await keyed.app.inject({ url: '/v1/keys', headers: withKey(key) });
  expect(listed.json().items).toEqual([{ id, ...told }]);
  expect(listed.body).not.toContain('"key"');
  const path = `/v1/keys/${id}`;
  const revoked = await keyed.app.inject({ method: 'DELETE', url: path, headers: withKey(key) });
  expect(revoked.statusCode).toBe(204);
  expect((await keyed.app.inject({ url, headers: withKey(text) })).statusCode).toBe(401);
  expect((await keyed.app.inject({ url: path, headers: withKey(key) })).json().code).toBe('KEY_NOT_FOUND');
});

test('an expired key opens nothing, and its holder is told why', async () => {
  const { text } = await keyed.keys.create({ name: 'old', scopes: ['admin'] });
  keyed.keys.expired.add(text);
  const response = await keyed.app.inject({ url, headers: withKey(text) });
  expect(response.statusCode).toBe(401);
  expect(response.json().detail).toMatch(/expired/);
});

test.each([
  ['no name', {}, /^name is missing$/],
  [
    'a scope that is none',
    { name: 'a', scopes: ['all'] },
    /^scopes\.0 must be read, submit, manage or admin$/,
  ],
  ['no scope', { name: 'a', scopes: [] }, /^scopes must not be empty$/],
  ['a time that has passed', { name: 'a', expiresAt: '2020-01-01T00:00:00Z' }, /^expiresAt must .*future/],
  ['a time that is none', { name: 'a', expiresAt: 'tomorrow' }, /^expiresAt is not of the form/],
  ['an unknown field', { name: 'a', admin: true }, /^admin is no field/],
])('no key is made for %s', async (_situation, payload, detail) => {
  const headers = withKey(key);
  const response = await keyed.app.inject({ method: 'POST', url: '/v1/keys', headers, payload });
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringMatching(detail) });
});

test('the first key closes an open service; when it is revoked the service stays closed', async () => {
  const fresh = await apiFixture();
  expect((await fresh.app.inject('/v1/jobs')).statusCode).toBe(200);
  const made = await fresh.app.inject({ method: 'POST', url: '/v1/keys', payload: { name: 'first' } });
  expect(made.json().scopes).toEqual(['read', 'submit']);
  expect((await fresh.app.inject('/v1/jobs')).statusCode).toBe(401);
  await fresh.keys.revoke(made.json().id);
  expect((await fresh.app.inject('/v1/jobs')).statusCode).toBe(401);
  await fresh.close();
});

test('a service that others reach is never open', async () => {
  const reached = await apiFixture({ isLocal: false });
  expect((await reached.app.inject('/v1/jobs')).statusCode).toBe(401);
  await reached.close();
});
