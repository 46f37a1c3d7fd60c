import { type ArtifactStore, openStore } from '@dimgx/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';

needs('objectGateway')('a presigned URL', () => {
  const key = 'repository/artifact.tar.zst';
  let fixture: S3Fixture;
  let store: ArtifactStore;

  beforeAll(async () => {
    fixture = await s3Fixture();
    store = fixture.open();
    const { signal } = new AbortController();
    await store.write(key, Buffer.from('0123456789'), { mediaType: 'application/x-tar', signal });
  });
  afterAll(async () => {
    await store.close();
    await fixture.remove();
  });

  const presign = async (fileName: string, from = store) => {
    const url = await from.presign(key, { fileName, expiresSeconds: 60 });
    return new URL(url ?? '');
  };

  test('serves the object, or a range of it, to anybody', async () => {
    const url = await presign('rootfs.tar.zst');
    const whole = await fetch(url);
    expect([whole.status, await whole.text()]).toEqual([200, '0123456789']);
    expect(whole.headers.get('content-type')).toBe('application/x-tar');
    const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
    expect([part.status, await part.text()]).toEqual([206, '234']);
  });

  test.each([
    ['rootfs.tar.zst', 'attachment; filename="rootfs.tar.zst"'],
    [
      'a "b"\r\nx: y/ü.tar',
      `attachment; filename="a _b___x: y__.tar"; filename*=UTF-8''a%20%22b%22%0D%0Ax%3A%20y%2F%C3%BC.tar`,
    ],
  ])('has it saved as %j', async (fileName, expected) => {
    expect((await fetch(await presign(fileName))).headers.get('content-disposition')).toBe(expected);
  });

  test('serves nothing else', async () => {
    const url = await presign('x');
    url.pathname = url.pathname.replace('artifact', 'other');
    expect((await fetch(url)).status).toBe(403);
    expect((await fetch(await presign('x'), { method: 'PUT', body: 'mine' })).status).toBe(403);
  });

  test('ends', async () => {
    const url = await presign('x');
    url.searchParams.set('X-Amz-Expires', '600');
    expect((await fetch(url)).status).toBe(403);
    expect(new URL(await presign('x')).searchParams.get('X-Amz-Expires')).toBe('60');
  });

  test('holds no secret', async () => {
    expect((await presign('x')).href).not.toContain(fixture.settings.credentials.secretAccessKey);
  });

  test('names the public endpoint where there is one', async () => {
    const settings = { ...fixture.settings, publicEndpoint: 'https://objects.example' };
    const behind = openStore(`s3://${fixture.bucket}/some/prefix`, settings);
    const url = await presign('x', behind);
    expect(url.origin + url.pathname).toBe(`https://objects.example/${fixture.bucket}/some/prefix/${key}`);
    await behind.close();
  });
});
