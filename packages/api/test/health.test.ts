import { rm } from 'node:fs/promises';
import { DimgxError } from '@dimgx/core';
import { expect, test } from 'vitest';
import { apiFixture } from './api-fixture.ts';

test('alive and ready', async () => {
  const { app, close } = await apiFixture();
  expect((await app.inject('/livez')).json()).toEqual({ status: 'ok' });
  const ready = await app.inject('/readyz');
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toEqual({ status: 'ok', parts: { redis: { ready: true }, store: { ready: true } } });
  await close();
});

test('without Redis it is alive but not ready, and names Redis', async () => {
  const { app, queue, close } = await apiFixture();
  queue.fault = new DimgxError('REDIS_UNREACHABLE', 'Redis does not answer: not connected');
  expect((await app.inject('/livez')).statusCode).toBe(200);
  const ready = await app.inject('/readyz');
  expect(ready.statusCode).toBe(503);
  expect(ready.headers['content-type']).toMatch('application/problem+json');
  expect(ready.json()).toMatchObject({
    status: 503,
    code: 'REDIS_UNREACHABLE',
    parts: { redis: { ready: false, code: 'REDIS_UNREACHABLE' }, store: { ready: true } },
  });
  queue.fault = undefined;
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  await close();
});

test('without its store it names the store', async () => {
  const { app, folder, close } = await apiFixture();
  await rm(folder, { recursive: true });
  const ready = await app.inject('/readyz');
  expect(ready.statusCode).toBe(503);
  expect(ready.json()).toMatchObject({ parts: { redis: { ready: true }, store: { ready: false } } });
  await close();
});

test('a store that hangs makes it not ready within a second', async () => {
  const fixture = await apiFixture();
  const check = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  const { app, close } = await apiFixture({ store: { ...fixture.store, check, close: async () => {} } });
  const begun = performance.now();
  expect((await app.inject('/readyz')).statusCode).toBe(503);
  expect(performance.now() - begun).toBeLessThan(1000);
  await close();
  await fixture.close();
});

test('a store that is well is not checked anew for each question', async () => {
  const fixture = await apiFixture();
  let checks = 0;
  const check = async () => {
    checks += 1;
  };
  const { app, close } = await apiFixture({ store: { ...fixture.store, check, close: async () => {} } });
  await Promise.all([app.inject('/readyz'), app.inject('/readyz')]);
  await app.inject('/readyz');
  expect(checks).toBe(1);
  await close();
  await fixture.close();
});
