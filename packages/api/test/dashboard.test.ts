import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({ apiKeys: ['a-key-that-nobody-sends'] });
});
afterAll(() => fixture.close());

test.each([
  ['/', 'text/html; charset=utf-8'],
  ['/dashboard/main.js', 'text/javascript; charset=utf-8'],
  ['/dashboard/views/jobs.js', 'text/javascript; charset=utf-8'],
  ['/dashboard/client/index.js', 'text/javascript; charset=utf-8'],
  ['/dashboard/styles/base.css', 'text/css; charset=utf-8'],
  ['/dashboard/icon.svg', 'image/svg+xml'],
])('%s is there without a key, as %s, and runs nothing from elsewhere', async (url, mediaType) => {
  const response = await fixture.app.inject(url);
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    'content-type': mediaType,
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'; script-src 'self' 'sha256-[\w+/]{43}='; style-src 'self';/,
    ),
    'x-content-type-options': 'nosniff',
  });
  const again = await fixture.app.inject({ url, headers: { 'if-none-match': response.headers.etag } });
  expect({ status: again.statusCode, body: again.body }).toEqual({ status: 304, body: '' });
});

test('all that the page names is there', async () => {
  const { body } = await fixture.app.inject('/');
  const named = [...body.matchAll(/"(\/dashboard\/[^"]+)"/g)].map(([, url = '']) => url);
  expect(named).toEqual(expect.arrayContaining(['/dashboard/main.js', '/dashboard/styles/narrow.css']));
  for (const url of named) expect((await fixture.app.inject(url)).statusCode, url).toBe(200);
});

test.each([
  '/dashboard/',
  '/dashboard/none.js',
  '/dashboard/../package.json',
  '/dashboard/%2e%2e/package.json',
  '/dashboard/main.js.map',
  '/dashboard/main.d.ts',
  '/dashboard/client/package.json',
])('%s is not', async (url) => {
  const response = await fixture.app.inject(url);
  expect(response.statusCode).toBe(404);
  expect(response.json()).toMatchObject({ code: 'ROUTE_NOT_FOUND' });
});

test('only GET and HEAD', async () => {
  const response = await fixture.app.inject({ method: 'POST', url: '/' });
  expect(response.statusCode).toBe(405);
  expect(response.headers.allow).toBe('GET, HEAD');
});
