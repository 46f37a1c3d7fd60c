import { sidecarKey } from '@dimgx/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';
import { content, digest, report } from './finished-report.ts';

const fingerprint = 'ab'.repeat(32);
const { key } = report.artifact;

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
  for (const place of [key, 'rootfs/debian.tar.zst', 'rootfs/other.tar.zst']) {
    await put(place, place.includes('other') ? 'docker-daemon:other:1' : 'debian:12');
  }
});
afterAll(() => fixture.close());

async function put(place: string, reference: string): Promise<void> {
  const sidecar = { ...report, image: { ...report.image, reference }, fingerprint };
  const options = { mediaType: 'application/json', signal: new AbortController().signal };
  await fixture.store.write(place, content, options);
  await fixture.store.write(sidecarKey(place), Buffer.from(JSON.stringify(sidecar)), options);
}

async function keysOf(query: string): Promise<{ keys: string[]; nextCursor: string | undefined }> {
  const response = await fixture.app.inject(`/v1/artifacts${query}`);
  expect(response.statusCode, response.body).toBe(200);
  const { items, nextCursor } = response.json<{
    items: { artifact: { key: string } }[];
    nextCursor?: string;
  }>();
  return { keys: items.map(({ artifact }) => artifact.key), nextCursor };
}

test('each has the report of who made it, and since when it is there', async () => {
  const response = await fixture.app.inject('/v1/artifacts?image=debian:12');
  const { cached: _, ...made } = report;
  expect(response.json()).toEqual({ items: [{ ...made, fingerprint, storedAt: expect.any(String) }] });
});

test.each([
  ['', [key, 'rootfs/debian.tar.zst', 'rootfs/other.tar.zst']],
  ['?image=docker-daemon:debian:12', [key]],
  [`?image=debian@${digest('1')}`, [key]],
  ['?image=debian', []],
  ['?image=debian:12&prefix=rootfs/', ['rootfs/debian.tar.zst']],
  ['?prefix=rootfs/', ['rootfs/debian.tar.zst', 'rootfs/other.tar.zst']],
  ['?image=other:1&prefix=r', ['rootfs/other.tar.zst']],
  ['?prefix=none', []],
])('%j gives %j', async (query, expected) => {
  expect(await keysOf(query)).toEqual({ keys: expected, nextCursor: undefined });
});

test('page by page', async () => {
  const first = await keysOf('?limit=2');
  expect(first.keys).toEqual([key, 'rootfs/debian.tar.zst']);
  expect(await keysOf(`?limit=2&cursor=${first.nextCursor}`)).toEqual({
    keys: ['rootfs/other.tar.zst'],
    nextCursor: undefined,
  });
});

test.each([
  ['?image=UPPER', 'REFERENCE_INVALID'],
  ['?prefix=../etc', 'REQUEST_INVALID'],
  ['?cursor=.incoming', 'REQUEST_INVALID'],
  ['?limit=501', 'REQUEST_INVALID'],
  ['?repository=debian', 'REQUEST_INVALID'],
])('%s is refused: %s', async (query, code) => {
  const response = await fixture.app.inject(`/v1/artifacts${query}`);
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code });
});
