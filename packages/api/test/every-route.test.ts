import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

interface Document {
  paths: Record<string, Record<string, { parameters?: { in: string; name: string }[] }>>;
}

/** Of each route, what is wrong whatever the route: always a problem document, with a code. */
let fixture: ApiFixture;
let routes: readonly { readonly url: string; readonly method: string; readonly headers: readonly string[] }[];
beforeAll(async () => {
  fixture = await apiFixture();
  const { paths } = (await fixture.app.inject('/openapi.json')).json<Document>();
  routes = Object.entries(paths).flatMap(([path, methods]) => {
    const url = path.replaceAll(/\{[^}]+\}/g, 'x');
    return Object.entries(methods).map(([method, { parameters = [] }]) => {
      const headers = parameters.filter((each) => each.in === 'header').map(({ name }) => name);
      return { url, method: method.toUpperCase(), headers };
    });
  });
});
afterAll(() => fixture.close());

async function problemOf(request: InjectOptions): Promise<{ status: number; code: string }> {
  const response = await fixture.app.inject(request);
  const what = { ...request, type: response.headers['content-type'] };
  expect(what).toMatchObject({ type: expect.stringMatching(/^application\/problem\+json/) });
  const { status, code } = response.json();
  expect({ ...what, status }).toMatchObject({ status: response.statusCode });
  return { status, code };
}

const json = 'application/json';
const notJson = { status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' };
const invalid = { status: 400, code: 'REQUEST_INVALID' };

/** A hook takes any bytes, and here there is none: it says nothing else, whatever comes. */
const isHook = ({ url }: { url: string }) => url.startsWith('/v1/hooks/');
const noHook = { status: 401, code: 'UNAUTHORIZED' };

const bodies: [body: string, headers: Record<string, string>, payload: string, problem: object][] = [
  ['a text', { 'content-type': 'text/plain' }, '{}', notJson],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'image=debian', notJson],
  ['a form of several parts', { 'content-type': 'multipart/form-data; boundary=x' }, '--x--', notJson],
  ['XML', { 'content-type': 'application/xml' }, '<x/>', notJson],
  ['no type', {}, '{}', notJson],
  ['JSON that breaks off', { 'content-type': json }, '{"a":', invalid],
  ['JSON with something behind', { 'content-type': json }, '{} {}', invalid],
  ['nothing, as JSON', { 'content-type': json }, '', invalid],
  ['bytes that are no text', { 'content-type': json }, '\u0000\u0001', invalid],
  ['JSON that reaches for prototypes', { 'content-type': json }, '{"__proto__": {"a": 1}}', invalid],
];

describe('every route that changes something refuses', () => {
  const changes = () => routes.filter(({ method }) => !/^(GET|HEAD)$/.test(method));

  test.each(bodies)('%s', async (_body, headers, payload, problem) => {
    for (const route of changes()) {
      const told = await problemOf({ ...route, headers, payload } as InjectOptions);
      expect({ ...route, ...told }).toMatchObject(isHook(route) ? noHook : problem);
    }
  });

  test('a type that is none', async () => {
    for (const route of changes()) {
      const request = { ...route, headers: { 'content-type': 'nonsense' }, payload: '{}' };
      expect({ ...route, ...(await problemOf(request as InjectOptions)) }).toMatchObject(notJson);
    }
  });

  test('what says that it is larger than any body may be', async () => {
    for (const route of changes()) {
      const headers = { 'content-type': json, 'content-length': '99999999999' };
      const told = await problemOf({ ...route, headers, payload: '{}' } as InjectOptions);
      expect({ ...route, ...told }).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    }
  });

  test('what is larger than its body may be', async () => {
    for (const route of changes()) {
      const limit = route.url === '/v1/batches' ? 16 : 1;
      const payload = JSON.stringify({ filling: 'x'.repeat(limit * 1024 * 1024) });
      const request = { ...route, headers: { 'content-type': json }, payload };
      const told = await problemOf(request as InjectOptions);
      expect({ ...route, ...told }).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    }
  });
});

test('every request that makes jobs takes an Idempotency-Key, but for hooks, which know their events', () => {
  const keyed = routes.filter(({ headers }) => headers.includes('idempotency-key'));
  expect(keyed.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
    'POST /v1/batches',
    'POST /v1/batches/x/retry',
    'POST /v1/jobs',
    'POST /v1/jobs/x/retry',
    'POST /v1/schedules/x/run',
  ]);
});

test('every path refuses a method that it has not, and says which it has', async () => {
  for (const url of new Set(routes.map((route) => route.url))) {
    const taken = routes.filter((route) => route.url === url).map(({ method }) => method);
    const other = ['PATCH', 'PUT', 'POST'].find((method) => !taken.includes(method));
    const request = { url, method: other } as InjectOptions;
    expect({ url, ...(await problemOf(request)) }).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    const { allow } = (await fixture.app.inject(request)).headers;
    for (const method of taken) expect(String(allow).split(', ')).toContain(method);
  }
});

test('a path below every path is none', async () => {
  for (const { url } of routes) {
    expect(await problemOf({ url: `${url}/no/such/thing` })).toMatchObject({
      status: 404,
      code: 'ROUTE_NOT_FOUND',
    });
  }
});
