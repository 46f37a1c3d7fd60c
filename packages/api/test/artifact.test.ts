import { type FlattenReport, sidecarKey, traits } from '@dimgx/core';
import type { Job } from '@dimgx/queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId } from './api-fixture.ts';
import { content, digest, report } from './finished-report.ts';

const url = `/v1/jobs/${knownId}/artifact`;
const { key } = report.artifact;
const etag = `"${report.artifact.sha256}"`;

const completed = (part: Partial<Job> = {}): Job => jobOf({ state: 'completed', result: report, ...part });

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
  const options = { mediaType: report.artifact.mediaType, signal: new AbortController().signal };
  await fixture.store.write(key, content, options);
});
afterAll(() => fixture.close());

async function ask(job: Job, headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') {
  fixture.queue.jobs.set(knownId, job);
  return fixture.app.inject({ method, url, headers });
}

test('the whole of it, with all that a browser and a verifier want to know', async () => {
  const response = await ask(completed());
  expect(response.statusCode).toBe(200);
  expect(response.rawPayload).toEqual(content);
  expect(response.headers).toMatchObject({
    'content-length': '100',
    'content-type': traits.zstd.mediaType,
    'content-disposition': 'attachment; filename="debian-0123456789ab.tar.zst"',
    'accept-ranges': 'bytes',
    etag,
  });
  expect(response.headers).not.toHaveProperty('content-range');
});

test('HEAD tells the same without the bytes', async () => {
  const response = await ask(completed(), {}, 'HEAD');
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({ 'content-length': '100', etag });
  expect(response.rawPayload).toHaveLength(0);
});

test('a part of it', async () => {
  const response = await ask(completed(), { range: 'bytes=90-' });
  expect(response.statusCode).toBe(206);
  expect(response.headers).toMatchObject({ 'content-range': 'bytes 90-99/100', 'content-length': '10' });
  expect(response.rawPayload).toEqual(content.subarray(90));
});

test('a part that it does not have', async () => {
  const response = await ask(completed(), { range: 'bytes=100-' });
  expect(response.statusCode).toBe(416);
  expect(response.headers['content-range']).toBe('bytes */100');
  expect(response.headers['content-type']).toMatch('application/problem+json');
});

test.each([
  ['the same artifact', etag, 206],
  ['another one', `"${digest('c')}"`, 200],
])('a part, if it is still %s', async (_situation, condition, status) => {
  const response = await ask(completed(), { range: 'bytes=90-', 'if-range': condition });
  expect(response.statusCode).toBe(status);
});

test('what the client has already is not sent again', async () => {
  const response = await ask(completed(), { 'if-none-match': etag });
  expect(response.statusCode).toBe(304);
  expect(response.rawPayload).toHaveLength(0);
});

const otherKey = 'exports/nightly.tar.zst';
const elsewhere = { ...report, artifact: { ...report.artifact, key: otherKey } };
const destined = (result: FlattenReport): Job => {
  const job = completed({ result });
  return { ...job, request: { ...job.request, destination: { key: otherKey } } };
};

const rows: [situation: string, job: Job, status: number, code: string][] = [
  ['a job that waits', jobOf({ state: 'queued' }), 409, 'ARTIFACT_NOT_READY'],
  ['a job that runs', jobOf({ state: 'active' }), 409, 'ARTIFACT_NOT_READY'],
  ['a job that failed', jobOf({ state: 'failed' }), 404, 'ARTIFACT_NOT_FOUND'],
  ['a job that was cancelled', jobOf({ state: 'cancelled' }), 404, 'ARTIFACT_NOT_FOUND'],
  ['an inspection', completed({ kind: 'inspect', result: undefined }), 404, 'ARTIFACT_NOT_FOUND'],
  ['an artifact that is gone', completed({ result: elsewhere }), 410, 'ARTIFACT_EXPIRED'],
  [
    'an artifact of another size',
    completed({ result: { ...report, artifact: { ...report.artifact, size: 5 } } }),
    410,
    'ARTIFACT_EXPIRED',
  ],
];

test.each(rows)('none: %s', async (_situation, job, status, code) => {
  const response = await ask(job);
  expect(response.statusCode).toBe(status);
  expect(response.json()).toMatchObject({ code });
});

test('where jobs name the place themselves, one that another has taken since is told of', async () => {
  const options = { mediaType: report.artifact.mediaType, signal: new AbortController().signal };
  await fixture.store.write(otherKey, content, options);
  const sidecar = Buffer.from(JSON.stringify({ ...elsewhere, fingerprint: 'f'.repeat(64) }));
  await fixture.store.write(sidecarKey(otherKey), sidecar, { ...options, mediaType: 'application/json' });
  expect((await ask(destined(elsewhere))).statusCode).toBe(200);
  const older = { ...elsewhere, artifact: { ...elsewhere.artifact, sha256: digest('d') } };
  for (const before of [older, { ...older, artifact: { ...older.artifact, size: 5 } }]) {
    const response = await ask(destined(before));
    expect(response.statusCode).toBe(410);
    expect(response.json()).toMatchObject({
      code: 'ARTIFACT_REPLACED',
      detail: expect.stringMatching(
        /^other work was stored in place of the artifact of job .*: exports\/nightly.tar.zst is of debian:12 \(sha256:1{12}\) now; /,
      ),
    });
  }
  await fixture.store.remove(sidecarKey(otherKey), options.signal);
  expect((await ask(destined(elsewhere))).json().code).toBe('ARTIFACT_EXPIRED');
});

test('a store that serves by itself gets the client sent there', async () => {
  const presigned = 'https://s3.example/bucket/key?X-Amz-Signature=abc';
  const asked: object[] = [];
  const { app, queue, close } = await apiFixture({
    store: {
      ...fixture.store,
      close: async () => {},
      head: async () => ({ key, size: content.length }),
      async presign(_key: string, options: object) {
        asked.push(options);
        return presigned;
      },
    },
  });
  queue.jobs.set(knownId, completed());
  const response = await app.inject(url);
  expect(response.statusCode).toBe(302);
  expect(response.headers).toMatchObject({ location: presigned, 'cache-control': 'no-store' });
  expect(asked).toEqual([{ fileName: 'debian-0123456789ab.tar.zst', expiresSeconds: 900 }]);
  await close();
});
