import { type FlattenReport, traits } from '@dimgx/core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId } from './api-fixture.ts';
import { batchId, batchOf } from './fake-batches.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({ fileSources: ['/srv/images'] });
});
beforeEach(() => {
  fixture.batches.submitted.length = 0;
  fixture.batches.pages.length = 0;
  fixture.callbacks.asked.length = 0;
  fixture.batches.batch = batchOf();
});
afterAll(() => fixture.close());

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

const post = (payload: object, headers: Record<string, string> = {}) =>
  fixture.app.inject({ method: 'POST', url: '/v1/batches', payload, headers });

test('many images are taken in at once, and told where to follow them', async () => {
  const callback = { url: 'https://ci.example.org/dimgx' };
  const response = await post({ images: ['app', 'b:1', 'app:latest'], template: { pool: 'gpu' }, callback });
  expect(response.statusCode).toBe(202);
  expect(response.headers.location).toBe(`/v1/batches/${batchId}`);
  expect(response.json()).toEqual(batchOf({ total: 2, duplicates: 1, callback }));
  const [{ items, submission } = { items: [], submission: {} }] = fixture.batches.submitted;
  expect(items.map(({ request }) => [request.image, request.pool])).toEqual([
    ['app', 'gpu'],
    ['b:1', 'gpu'],
  ]);
  expect(submission.idempotency).toBeUndefined();
  expect(fixture.callbacks.asked).toEqual([callback.url]);
});

const file = 'docker-archive:/srv/images/a.tar';

test.each<[string, object, object]>([
  ['the usual compression', { image: 'a' }, { image: 'a', compression: { algorithm: 'zstd', level: 3 } }],
  [
    'the usual level of another',
    { image: 'a', compression: { algorithm: 'xz' } },
    { image: 'a', compression: { algorithm: 'xz', level: 6 } },
  ],
  [
    'what goes without saying',
    { image: 'a' },
    { image: 'a', force: false, pull: 'missing', destination: {} },
  ],
  [
    'a path with detours that lead nowhere',
    { image: file },
    { image: 'docker-archive:/srv/.//images/./a.tar' },
  ],
])('jobs are the same if one says %s', async (_what, one, other) => {
  const response = await post({ jobs: [one, other] });
  expect(response.json()).toMatchObject({ total: 1, duplicates: 1 });
  expect(fixture.batches.submitted[0]?.items).toHaveLength(1);
});

test.each<[string, object, object]>([
  ['another level', { image: 'a' }, { image: 'a', compression: { algorithm: 'zstd', level: 4 } }],
  [
    'a path that a link may lead elsewhere',
    { image: file },
    { image: 'docker-archive:/srv/images/b/../a.tar' },
  ],
  ['that it must be done', { image: 'a' }, { image: 'a', force: true }],
])('jobs are not the same if one says %s', async (_what, one, other) => {
  await post({ jobs: [one, other] });
  expect(fixture.batches.submitted[0]?.items).toHaveLength(2);
});

test('jobs with callbacks of their own have each of them registered once', async () => {
  const callback = { url: 'https://ci.example.org/each' };
  const jobs = [{ image: 'a', callback }, { image: 'b', callback }, { image: 'c' }];
  expect((await post({ jobs }, { 'idempotency-key': 'k' })).statusCode).toBe(202);
  expect(fixture.callbacks.asked).toEqual([callback.url]);
  expect(fixture.batches.submitted[0]?.submission.idempotency?.owner).toMatch(/^[0-9a-f]{64}$/);
});

test('an item at fault is told by its place, and nothing is taken in', async () => {
  const images = ['a', 'docker-archive:/etc/passwd', 'UPPER'];
  const response = await post({ images, callback: { url: 'https://ci.example.org/dimgx' } });
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.json()).toMatchObject({
    status: 403,
    code: 'SOURCE_REFUSED',
    detail: expect.stringMatching(/^images\.1: .*; images\.2: /),
    errors: [{ pointer: '/images/1' }, { pointer: '/images/2' }],
  });
  expect(response.statusCode).toBe(403);
  expect([fixture.batches.submitted, fixture.callbacks.asked]).toEqual([[], []]);
});

test.each([
  ['a body that is no batch', { images: 'a' }, 400, 'REQUEST_INVALID'],
  [
    'a callback that may not be',
    { images: ['a'], callback: { url: 'http://intranet/' } },
    403,
    'ADDRESS_REFUSED',
  ],
  ['an image of a registry', { images: ['a', 'docker://b'] }, 400, 'SOURCE_UNSUPPORTED'],
])('%s is refused', async (_what, body, status, code) => {
  expect((await post(body)).json()).toMatchObject({ status, code });
  expect(fixture.batches.submitted).toEqual([]);
});

test('ten thousand images with long names fit, and more than 16 MiB do not', async () => {
  const images = Array.from(
    { length: 10_000 },
    (_, at) => `registry.example.org/${'x'.repeat(200)}/app-${at}:1`,
  );
  const response = await post({ images });
  expect(response.json()).toMatchObject({ total: 10_000 });
  const large = await post({ images: ['x'.repeat(16 * 1024 * 1024)] });
  expect(large.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
});

test('a batch is found, and listed with the others', async () => {
  expect((await fixture.app.inject(`/v1/batches/${batchId}`)).json()).toEqual(batchOf());
  const list = await fixture.app.inject(`/v1/batches?limit=7&cursor=${knownId}`);
  expect(list.json()).toEqual({ items: [batchOf()], nextCursor: batchId });
  expect(fixture.batches.pages).toEqual([{ limit: 7, before: knownId }]);
  expect((await fixture.app.inject('/v1/batches?cursor=x')).json()).toMatchObject({
    code: 'REQUEST_INVALID',
  });
});

test('its jobs are listed as all jobs are', async () => {
  fixture.queue.jobs.set(knownId, jobOf({ batch: batchId }));
  const response = await fixture.app.inject(`/v1/batches/${batchId}/jobs?state=failed&label=a=b`);
  expect(response.json()).toMatchObject({ items: [{ id: knownId, batch: batchId }] });
  expect(fixture.queue.listed.at(-1)?.filter).toEqual({
    ...{ batch: batchId, state: 'failed', labels: [{ name: 'a', value: 'b' }] },
  });
});

test('its artifacts are those of its completed jobs', async () => {
  const report: FlattenReport = {
    image: {
      reference: 'a',
      digest: digest('1'),
      configDigest: digest('2'),
      platform: 'linux/amd64',
      repoTags: [],
    },
    layers: [],
    artifact: {
      ...{ key: 'a/1.tar.zst', mediaType: traits.zstd.mediaType, compression: 'zstd', level: 3, size: 7 },
      ...{ sha256: digest('3'), uncompressedSize: 9, diffId: digest('4') },
    },
    entries: { files: 1, directories: 0, symlinks: 0, hardlinks: 0, devices: 0, removed: 0, shadowed: 0 },
    ...{ cached: true, durationMs: 5, dimgxVersion: '1.2.3' },
  };
  fixture.queue.jobs.set(knownId, jobOf({ state: 'completed', batch: batchId, result: report }));
  const response = await fixture.app.inject(`/v1/batches/${batchId}/artifacts`);
  expect(response.json()).toEqual({
    items: [{ job: knownId, image: report.image, artifact: report.artifact, cached: true }],
  });
  expect(fixture.queue.listed.at(-1)?.filter).toEqual({ batch: batchId, state: 'completed' });
});

test('a batch is cancelled once', async () => {
  const cancel = () => fixture.app.inject({ method: 'DELETE', url: `/v1/batches/${batchId}` });
  const [first, second] = [await cancel(), await cancel()];
  expect([first.statusCode, second.statusCode]).toEqual([202, 200]);
  expect(second.json()).toMatchObject({ id: batchId, state: 'cancelled' });
  fixture.batches.batch = batchOf({ state: 'finished' });
  expect((await cancel()).json()).toMatchObject({ status: 409, code: 'BATCH_FINISHED' });
});

test('what failed of it is done again by a new batch', async () => {
  const retry = () => fixture.app.inject({ method: 'POST', url: `/v1/batches/${batchId}/retry` });
  expect((await retry()).json()).toMatchObject({ status: 409, code: 'BATCH_NOT_FINISHED' });
  fixture.batches.batch = batchOf({ state: 'finished', finishedAt: '2026-11-24T01:00:00.000Z' });
  const response = await retry();
  expect([response.statusCode, response.headers.location]).toEqual([202, `/v1/batches/${batchId}`]);
  expect(fixture.batches.submitted[0]?.submission).toEqual({ retryOf: batchId, idempotency: undefined });
});

test.each([
  ['GET', ''],
  ['GET', '/jobs'],
  ['GET', '/artifacts'],
  ['DELETE', ''],
  ['POST', '/retry'],
] as const)('%s …%s of a batch that is not there is told so', async (method, below) => {
  for (const id of [knownId, 'x']) {
    const response = await fixture.app.inject({ method, url: `/v1/batches/${id}${below}` });
    expect(response.json()).toMatchObject({ status: 404, code: 'BATCH_NOT_FOUND' });
  }
});
