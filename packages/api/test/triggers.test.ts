import { Writable } from 'node:stream';
import { serviceLog } from '@dimgx/queue';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

const key = 'the-only-key-of-this-service';
const job = { image: 'docker-daemon:registry.example/{repository}:{tag}' };
const trigger = { provider: 'harbor', job };

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({ apiKeys: [key] });
});
afterAll(() => fixture.close());

const send = (method: 'GET' | 'PUT' | 'DELETE', path: string, payload?: object) =>
  fixture.app.inject({
    ...{ method, url: `/v1${path}`, headers: { authorization: `Bearer ${key}` } },
    ...(payload && { payload }),
  });

test('a trigger is made, told where its hook is, changed, shown, listed and deleted', async () => {
  const made = await send('PUT', '/triggers/pushes', trigger);
  expect(made.statusCode).toBe(201);
  expect(made.json()).toMatchObject({
    trigger: { id: 'pushes', provider: 'harbor', match: { repositories: ['**'], tags: ['*'] }, job },
    hook: '/v1/hooks/pushes',
    secret: expect.any(String),
  });
  const changed = await send('PUT', '/triggers/pushes', { ...trigger, match: { tags: ['v*'] } });
  expect(changed.statusCode).toBe(200);
  expect(changed.json()).not.toHaveProperty('secret');
  const shown = await send('GET', '/triggers/pushes');
  expect(shown.json()).toMatchObject({ ...changed.json(), log: [{ job: 'j' }] });
  expect((await send('GET', '/triggers')).json()).toEqual({ items: [shown.json().trigger] });
  expect((await send('DELETE', '/triggers/pushes')).statusCode).toBe(204);
  expect((await send('GET', '/triggers/pushes')).json()).toMatchObject({ code: 'TRIGGER_NOT_FOUND' });
});

test('the callback of its job is registered', async () => {
  const callback = { url: 'https://example.org/hook' };
  await send('PUT', '/triggers/told', { ...trigger, job: { ...job, callback } });
  expect(fixture.callbacks.asked).toEqual([callback.url]);
});

const refused: [situation: string, path: string, payload: object, status: number, code: string][] = [
  ['an id with a slash', '/triggers/a%2Fb', trigger, 400, 'REQUEST_INVALID'],
  ['an unknown provider', '/triggers/a', { ...trigger, provider: 'nexus' }, 400, 'REQUEST_INVALID'],
  ['no job', '/triggers/a', { provider: 'harbor' }, 400, 'REQUEST_INVALID'],
  [
    'an image that is no reference',
    '/triggers/a',
    { ...trigger, job: { image: 'docker-daemon:{repository}:{tag}:{tag}' } },
    400,
    'REFERENCE_INVALID',
  ],
  [
    'a file of the host',
    '/triggers/a',
    { ...trigger, job: { image: 'docker-archive:/etc/{tag}' } },
    403,
    'SOURCE_REFUSED',
  ],
  [
    'an image of a registry',
    '/triggers/a',
    { ...trigger, job: { image: 'docker://{registry}/{repository}:{tag}' } },
    400,
    'SOURCE_UNSUPPORTED',
  ],
  [
    'a callback into the intranet',
    '/triggers/a',
    { ...trigger, job: { ...job, callback: { url: 'https://intranet/' } } },
    403,
    'ADDRESS_REFUSED',
  ],
];
test.each(refused)('refused: %s', async (_situation, path, payload, status, code) => {
  const response = await send('PUT', path, payload);
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
});

test('only its hook goes without an API key', async () => {
  await send('PUT', '/triggers/own', { ...trigger, secret: 'a-secret-of-the-registry' });
  expect((await fixture.app.inject('/v1/triggers/own')).statusCode).toBe(401);
  const hook: InjectOptions = { method: 'POST', url: '/v1/hooks/own', payload: { type: 'TEST_ENDPOINT' } };
  const headers = { authorization: 'a-secret-of-the-registry' };
  expect((await fixture.app.inject({ ...hook, headers })).statusCode).toBe(202);
  expect(
    (await fixture.app.inject({ ...hook, headers: { authorization: `Bearer ${key}` } })).statusCode,
  ).toBe(401);
});

test('a hook takes a mebibyte at the most, and POST alone', async () => {
  const large = await fixture.app.inject({
    method: 'POST',
    url: '/v1/hooks/own',
    payload: 'x'.repeat(1_048_577),
  });
  expect([large.statusCode, large.json().code]).toEqual([413, 'BODY_TOO_LARGE']);
  const get = await fixture.app.inject('/v1/hooks/own');
  expect([get.statusCode, get.headers.allow]).toEqual([405, 'POST']);
});

test('a secret in a URL does not get into the log', async () => {
  let lines = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines += chunk.toString();
      done();
    },
  });
  const logged = await apiFixture({ log: serviceLog('api', 'debug', sink) });
  for (const method of ['POST', 'GET'] as const) {
    await logged.app.inject({ method, url: '/v1/hooks/own?token=a-secret-of-the-registry', payload: '{' });
  }
  await logged.close();
  expect(lines).toContain('"url":"/v1/hooks/own"');
  expect(lines).not.toContain('a-secret-of-the-registry');
});
