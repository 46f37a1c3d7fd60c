import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';
import { delivery, deliveryId } from './fake-callbacks.ts';

const url = 'https://example.org/hook';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
beforeEach(async () => {
  await fixture.app.inject({ method: 'POST', url: '/v1/callbacks', payload: { url } });
  fixture.callbacks.asked.length = 0;
  fixture.callbacks.pages.length = 0;
  fixture.queue.submitted.length = 0;
});
afterAll(() => fixture.close());

const send = (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) =>
  fixture.app.inject({ method, url: `/v1${path}`, ...(payload && { payload }) });

describe('an endpoint', () => {
  test('is told its secret when it is registered, and never again', async () => {
    await send('DELETE', '/callbacks/known');
    const first = await send('POST', '/callbacks', { url });
    expect(first.statusCode).toBe(201);
    expect(first.headers.location).toBe('/v1/callbacks/known');
    expect(first.json()).toMatchObject({ id: 'known', url, state: 'enabled', secret: 'whsec_0' });
    const second = await send('POST', '/callbacks', { url });
    expect(second.statusCode).toBe(200);
    const { secret: _, ...shown } = first.json();
    expect(second.json()).toEqual(shown);
    expect((await send('GET', '/callbacks/known')).json()).toEqual(shown);
    expect((await send('GET', '/callbacks')).json()).toEqual({ items: [shown] });
  });

  test('gets a new secret', async () => {
    expect((await send('POST', '/callbacks/known/rotate')).json()).toEqual({ secret: 'whsec_1' });
  });

  test('is enabled', async () => {
    expect((await send('POST', '/callbacks/known/enable')).json()).toMatchObject({ state: 'enabled' });
  });

  test('is forgotten', async () => {
    const response = await send('DELETE', '/callbacks/known');
    expect([response.statusCode, response.body]).toEqual([204, '']);
  });

  test('is tried, and told where to see what became of it', async () => {
    const response = await send('POST', '/callbacks/known/ping');
    expect(response.statusCode).toBe(202);
    expect(response.headers.location).toBe(`/v1/callbacks/known/deliveries/${deliveryId}`);
    expect((await send('GET', String(response.headers.location).slice(3))).json()).toEqual(delivery);
  });

  test('has a log, page by page', async () => {
    const first = await send('GET', '/callbacks/known/deliveries');
    expect(first.json()).toEqual({ items: [delivery], nextCursor: deliveryId });
    await send('GET', `/callbacks/known/deliveries?limit=2&cursor=${deliveryId}`);
    expect(fixture.callbacks.pages[1]).toEqual({ limit: 2, cursor: deliveryId });
  });

  test('is sent a delivery again', async () => {
    const response = await send('POST', `/callbacks/known/deliveries/${deliveryId}/redeliver`);
    expect([response.statusCode, response.json()]).toEqual([202, delivery]);
  });
});

describe('a job with a callback', () => {
  const image = 'docker-daemon:debian:12';

  test('has its endpoint registered', async () => {
    const response = await send('POST', '/jobs', { image, callback: { url }, passthrough: [1] });
    expect(response.statusCode).toBe(202);
    expect(fixture.callbacks.asked).toEqual([url]);
    expect(fixture.queue.submitted[0]?.request).toMatchObject({ callback: { url }, passthrough: [1] });
  });

  test('is refused where its callback is', async () => {
    const response = await send('POST', '/jobs', { image, callback: { url: 'https://intranet/' } });
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'ADDRESS_REFUSED' });
    expect(fixture.queue.submitted).toEqual([]);
  });
});

const refused: [situation: string, request: InjectOptions, status: number, code: string][] = [
  ['no URL', { method: 'POST', url: '/v1/callbacks', payload: {} }, 400, 'REQUEST_INVALID'],
  ['a path', { method: 'POST', url: '/v1/callbacks', payload: { url: '/hook' } }, 400, 'REQUEST_INVALID'],
  [
    'the intranet',
    { method: 'POST', url: '/v1/callbacks', payload: { url: 'https://intranet' } },
    403,
    'ADDRESS_REFUSED',
  ],
  ['an unknown endpoint', { url: '/v1/callbacks/other' }, 404, 'CALLBACK_NOT_FOUND'],
  ['the log of an unknown endpoint', { url: '/v1/callbacks/other/deliveries' }, 404, 'CALLBACK_NOT_FOUND'],
  ['an unknown delivery', { url: '/v1/callbacks/known/deliveries/other' }, 404, 'DELIVERY_NOT_FOUND'],
  ['a page of none', { url: '/v1/callbacks/known/deliveries?limit=0' }, 400, 'REQUEST_INVALID'],
  ['a cursor that is none', { url: '/v1/callbacks/known/deliveries?cursor=(x' }, 400, 'REQUEST_INVALID'],
  ['a question of no meaning', { url: '/v1/callbacks/known/deliveries?page=2' }, 400, 'REQUEST_INVALID'],
];

test.each(refused)('refused: %s', async (_situation, request, status, code) => {
  const response = await fixture.app.inject(request);
  expect([response.statusCode, response.json().code]).toEqual([status, code]);
});
