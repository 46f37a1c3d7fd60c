import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

/** Of each route, what is wrong whatever the route: always a problem document, with a code. */
let fixture: ApiFixture;
let routes: readonly { readonly url: string; readonly method: string }[];
beforeAll(async () => {
  fixture = await apiFixture();
  const { paths } = (await fixture.app.inject('/openapi.json')).json<{ paths: Record<string, object> }>();
  routes = Object.entries(paths).flatMap(([path, methods]) => {
    const url = path.replaceAll(/\{[^}]+\}/g, 'x');
    return Object.keys(methods).map((method) => ({ url, method: method.toUpperCase() }));
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

const takesBody = ({ method }: { method: string }) => /^(POST|PUT|PATCH)$/.test(method);
const json = { 'content-type': 'application/json' };

describe('every route that takes a body', () => {
  test('refuses one that is no JSON', async () => {
    for (const route of routes.filter(takesBody)) {
      const problem = await problemOf({ ...route, headers: json, payload: '{"a":' } as InjectOptions);
      expect({ ...route, ...problem }).toMatchObject({ status: expect.toBeOneOf([400, 401, 404]) });
    }
  });

  test('refuses one that says it is larger than any may be', async () => {
    for (const route of routes.filter(takesBody)) {
      const headers = { ...json, 'content-length': '99999999999' };
      const problem = await problemOf({ ...route, headers, payload: '{}' } as InjectOptions);
      expect({ ...route, ...problem }).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
    }
  });
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
