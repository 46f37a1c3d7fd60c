import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

interface Document {
  openapi: string;
  info: { version: string };
  components: { schemas: Record<string, { properties?: object }> };
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: object }>; requestBody?: object }>
  >;
}

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
afterAll(() => fixture.close());

test('the description is OpenAPI 3.1 and lists the routes with their methods', async () => {
  const document = (await fixture.app.inject('/openapi.json')).json<Document>();
  expect(document.openapi).toBe('3.1.0');
  expect(document.info.version).toBe('1.2.3');
  const routes = Object.entries(document.paths).map(([path, methods]) => [path, Object.keys(methods).sort()]);
  expect(Object.fromEntries(routes)).toEqual({
    '/livez': ['get'],
    '/metrics': ['get'],
    '/readyz': ['get'],
    '/v1/artifacts': ['get'],
    '/v1/batches': ['get', 'post'],
    '/v1/batches/{id}': ['delete', 'get'],
    '/v1/batches/{id}/artifacts': ['get'],
    '/v1/batches/{id}/jobs': ['get'],
    '/v1/batches/{id}/retry': ['post'],
    '/v1/callbacks': ['get', 'post'],
    '/v1/callbacks/{id}': ['delete', 'get'],
    '/v1/callbacks/{id}/deliveries': ['get'],
    '/v1/callbacks/{id}/deliveries/{delivery}': ['get'],
    '/v1/callbacks/{id}/deliveries/{delivery}/redeliver': ['post'],
    '/v1/callbacks/{id}/enable': ['post'],
    '/v1/callbacks/{id}/ping': ['post'],
    '/v1/callbacks/{id}/rotate': ['post'],
    '/v1/hooks/{id}': ['post'],
    '/v1/jobs': ['get', 'post'],
    '/v1/jobs/{id}': ['delete', 'get'],
    '/v1/jobs/{id}/artifact': ['get', 'head'],
    '/v1/jobs/{id}/events': ['get'],
    '/v1/jobs/{id}/logs': ['get'],
    '/v1/jobs/{id}/retry': ['post'],
    '/v1/keys': ['get', 'post'],
    '/v1/keys/{id}': ['delete', 'get'],
    '/v1/schedules': ['get'],
    '/v1/schedules/{id}': ['delete', 'get', 'put'],
    '/v1/schedules/{id}/pause': ['post'],
    '/v1/schedules/{id}/resume': ['post'],
    '/v1/schedules/{id}/run': ['post'],
    '/v1/stats': ['get'],
    '/v1/triggers': ['get'],
    '/v1/triggers/{id}': ['delete', 'get', 'put'],
    '/v1/workers': ['get'],
  });
});

test('it says what a request may hold and which faults it may meet', async () => {
  const document = (await fixture.app.inject('/openapi.json')).json<Document>();
  const submit = document.paths['/v1/jobs']?.post;
  expect(JSON.stringify(submit?.requestBody)).toContain('"#/components/schemas/JobRequestInput"');
  expect(document.components.schemas.JobRequestInput?.properties).toHaveProperty('timeoutSeconds');
  expect(Object.keys(submit?.responses ?? {})).toEqual([
    '202',
    '400',
    '401',
    '403',
    '413',
    '415',
    '422',
    '429',
    '503',
  ]);
  expect(submit?.responses['400']?.content).toHaveProperty('application/problem+json');
});

test('the page for people is found without its last slash', async () => {
  const { statusCode, headers } = await fixture.app.inject('/docs');
  expect({ statusCode, location: headers.location }).toEqual({ statusCode: 301, location: '/docs/' });
});

test('the page for people loads nothing from elsewhere', async () => {
  const page = await fixture.app.inject('/docs/');
  expect(page.headers['content-type']).toMatch('text/html');
  expect(page.body).toContain('/openapi.json');
  expect(page.body.match(/(src|href)="https?:/g)).toBeNull();
  expect(page.body).toContain('js/scalar.js');
  expect((await fixture.app.inject('/docs/js/scalar.js')).statusCode).toBe(200);
});

test('the page for people may do no more than it must', async () => {
  const { headers, body } = await fixture.app.inject('/docs/');
  const [, script = ''] = /<script type="text\/javascript">(.*?)<\/script>/s.exec(body) ?? [];
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `${headers['content-security-policy']}`;
  expect(policy).toContain(`default-src 'none'; script-src 'self' 'sha256-${hash}'; `);
  expect(policy).toMatch(/connect-src 'self'; .*frame-ancestors 'none'$/);
  expect(headers['x-content-type-options']).toBe('nosniff');
  const others = await fixture.app.inject('/openapi.json');
  expect(others.headers).not.toHaveProperty('content-security-policy');
});
