import { expect, test } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { imageManifest } from '../../../../test/support/images/oci-manifest.ts';
import { hexOf, sha256, type TestImage } from '../../../../test/support/images/test-image.ts';
import type { Progress } from '../../src/flatten/progress.ts';
import { parsePlatform } from '../../src/image/platform.ts';
import { describeImage, openImage, parseReference, sourceFor } from '../../src/source/open-image.ts';
import { another, id, image, known, nothingIsLeft, saved } from './daemon-image.ts';
import { history, inspection, type ScriptedEngine, scriptedEngine } from './scripted-engine.ts';
import { opened, type TestFolder, testFolder } from './test-sources.ts';

test('an image is described without having it saved', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  const description = await describeImage('docker-daemon:app:1', { dockerHost: engine.host });
  expect(description).toMatchObject({
    reference: 'docker-daemon:app:1',
    digest: id,
    configDigest: id,
    repoTags: ['app:1'],
    platform: { os: 'linux', architecture: 'amd64' },
    config: { env: ['A=b'] },
    layers: [
      { diffId: image.layers[0].diffId, createdBy: 'ADD a', size: image.layers[0].tar.length },
      { diffId: image.layers[1].diffId, createdBy: 'RUN b', id: hexOf(id), tags: ['app:1'] },
    ],
  });
  expect(engine.requests).toEqual(['GET /images/app:1/json', `GET /images/${id}/history`]);
  await nothingIsLeft(folder, engine);
});

test('an image is saved by the id that its name was pinned to, and keeps its name and tags', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  const { description, layers } = await opened('docker-daemon:app:1', { ...folder, dockerHost: engine.host });
  expect(engine.requests.at(-1)).toBe(`GET /images/get?names=${id}`);
  expect(layers).toEqual(image.layers.map(({ tar }) => tar));
  expect(description).toMatchObject({ reference: 'docker-daemon:app:1', digest: id, repoTags: ['app:1'] });
  await nothingIsLeft(folder, engine);
});

test('what was described is what is opened, asked for once', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  const options = { ...folder, dockerHost: engine.host, signal: new AbortController().signal };
  const source = sourceFor(parseReference('docker-daemon:app:1'), options);
  const described = await source.describe();
  const handle = await source.open();
  await source.close();
  expect(handle.description.digest).toBe(described.digest);
  expect(engine.requests).toHaveLength(3);
  await handle.close();
  await nothingIsLeft(folder, engine);
});

test.each([`docker-daemon:${id}`, `docker-daemon:${hexOf(id)}`, 'docker-daemon:app@sha256:'.padEnd(89, 'a')])(
  'an image is found by %s',
  async (reference) => {
    const folder = await testFolder();
    const asked = reference.slice('docker-daemon:'.length);
    const engine = await scriptedEngine(folder, {
      ...known,
      [`GET /images/${asked}/json`]: inspection(image),
    });
    expect((await describeImage(reference, { dockerHost: engine.host })).digest).toBe(id);
  },
);

test('progress tells of both phases', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  const told: Progress[] = [];
  await opened('docker-daemon:app:1', {
    ...folder,
    dockerHost: engine.host,
    onProgress: (each) => told.push(each),
  });
  expect(told[0]).toEqual({ phase: 'resolve', bytes: 0, entries: 0 });
  expect(told.at(-1)).toEqual({ phase: 'fetch', bytes: saved.length, entries: 0 });
});

test('a plain name is the engine’s where one answers', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  const description = await describeImage('app:1', { dockerHost: engine.host });
  expect(description.reference).toBe('docker-daemon:app:1');
  await expect(describeImage('app:2', { dockerHost: engine.host })).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
  });
});

test('a registry is said not to be read yet', async () => {
  await expect(openImage('docker://alpine')).rejects.toMatchObject({
    code: 'SOURCE_UNSUPPORTED',
    message: expect.stringContaining('docker-daemon:docker.io/library/alpine:latest'),
  });
});

/** An engine that names images by their manifests, as containerd's image store does. */
async function manifestEngine(folder: TestFolder, described: TestImage): Promise<[ScriptedEngine, string]> {
  const manifest = sha256(imageManifest(image));
  const engine = await scriptedEngine(folder, {
    'GET /images/app:1/json': inspection(described, { Id: manifest }),
    [`GET /images/${manifest}/history`]: history(described),
    'GET /images/get': { body: dockerArchive(image, 'docker-25') },
  });
  return [engine, manifest];
}

test('an engine that keeps manifests names images by them', async () => {
  const folder = await testFolder();
  const [engine, manifest] = await manifestEngine(folder, image);
  const { description } = await opened('docker-daemon:app:1', { ...folder, dockerHost: engine.host });
  expect(description).toMatchObject({ digest: manifest, configDigest: id });
  expect(description.layers[1].id).toBe(hexOf(manifest));
});

test('an engine that keeps manifests and saves other layers than it told of', async () => {
  const folder = await testFolder();
  const [engine] = await manifestEngine(folder, another);
  await expect(
    openImage('docker-daemon:app:1', { ...folder, dockerHost: engine.host }),
  ).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
});

test('an image for another platform than was asked for is refused', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  await expect(
    describeImage('docker-daemon:app:1', {
      dockerHost: engine.host,
      platform: parsePlatform('linux/riscv64'),
    }),
  ).rejects.toMatchObject({ code: 'PLATFORM_NOT_FOUND', message: expect.stringContaining('linux/amd64') });
});
