import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { imageManifest } from '../../../../test/support/images/oci-manifest.ts';
import { hexOf, sha256, type TestImage, testImage } from '../../../../test/support/images/test-image.ts';
import type { Progress } from '../../src/flatten/progress.ts';
import { parsePlatform } from '../../src/image/platform.ts';
import { describeImage, openImage, parseReference, sourceFor } from '../../src/source/open-image.ts';
import { type Answer, history, inspection, type ScriptedEngine, scriptedEngine } from './scripted-engine.ts';
import { opened, openFilesBelow, type TestFolder, testFolder } from './test-sources.ts';

const image = testImage({
  layers: [
    { tar: layer().file('a', 'x'.repeat(200_000)), createdBy: 'ADD a' },
    { tar: layer().file('b'), createdBy: 'RUN b' },
  ],
  tags: ['app:1'],
  config: { Env: ['A=b'] },
});
const id = image.configDigest;
/** By its id, and so without a tag. */
const saved = dockerArchive({ ...image, tags: [] }, 'docker-1.10');

const known = {
  'GET /images/app:1/json': inspection(image),
  [`GET /images/${id}/history`]: history(image),
  'GET /images/get': { body: saved },
} satisfies Record<string, Answer>;

async function nothingIsLeft(folder: TestFolder, engine: ScriptedEngine): Promise<void> {
  await expect.poll(() => engine.connections.size).toBe(0);
  expect(openFilesBelow(folder).filter((path) => !path.endsWith('docker.sock'))).toEqual([]);
  expect(await readdir(folder.spoolFolder)).toEqual([]);
}

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

const cutOff: Answer = (response) => {
  response.write(saved.subarray(0, 100_000), () => response.destroy());
};
const errorBehind = `${JSON.stringify({ errorDetail: { message: 'open /var/lib/x:\n no such file' }, error: 'open' })}\r\n`;
const another = testImage({ layers: [layer().file('other')] });

test.each<[string, Record<string, Answer>, string, RegExp]>([
  [
    'no such image',
    { 'GET /images/app:1/json': { status: 404, json: { message: 'no such image' } } },
    'IMAGE_NOT_FOUND',
    /has no app:1: get it with docker pull app:1$/,
  ],
  [
    'an engine in trouble',
    { 'GET /images/app:1/json': { status: 500, json: { message: 'disk\n on fire' } } },
    'DOCKER_FAILED',
    /looking for the image: disk on fire/,
  ],
  [
    'something else behind the socket',
    { 'GET /images/app:1/json': { json: { hello: 1 } } },
    'DOCKER_FAILED',
    /does not speak/,
  ],
  [
    'an image that goes before its history is read',
    { [`GET /images/${id}/history`]: { status: 404, json: {} } },
    'IMAGE_NOT_FOUND',
    /app:1/,
  ],
  [
    'an image that goes before it is saved',
    { 'GET /images/get': { status: 404, json: { message: 'gone' } } },
    'IMAGE_NOT_FOUND',
    /app:1/,
  ],
  [
    'an engine that can not save',
    { 'GET /images/get': { status: 500, json: { message: 'no space left on device' } } },
    'DOCKER_FAILED',
    /saving the image: no space left/,
  ],
  [
    'an engine that dies in mid-save',
    { 'GET /images/get': cutOff },
    'DOCKER_FAILED',
    /saving the image: it closed the connection/,
  ],
  [
    'an error behind the bytes of a save',
    { 'GET /images/get': { body: Buffer.concat([saved.subarray(0, 5120), Buffer.from(errorBehind)]) } },
    'DOCKER_FAILED',
    /saving the image: open \/var\/lib\/x: no such file/,
  ],
  [
    'another image saved',
    { 'GET /images/get': { body: dockerArchive(another, 'docker-1.10') } },
    'DIGEST_MISMATCH',
    /another image/,
  ],
  [
    'no archive saved',
    { 'GET /images/get': { body: 'hello' } },
    'ARCHIVE_INVALID',
    /the archive of app:1 is not a tar/,
  ],
])('%s', async (_, script, code, says) => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { ...known, ...script });
  const attempt = openImage('docker-daemon:app:1', { ...folder, dockerHost: engine.host });
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  await nothingIsLeft(folder, engine);
});

const silent: Answer = () => {};
const stalled: Answer = (response) => {
  response.write(saved.subarray(0, 100_000));
};

test.each<[string, Record<string, Answer>, number]>([
  ['while the image is looked for', { 'GET /images/app:1/json': silent }, 1],
  ['while its history is read', { [`GET /images/${id}/history`]: silent }, 2],
  ['while the engine gets the archive ready', { 'GET /images/get': silent }, 3],
  ['while the archive arrives', { 'GET /images/get': stalled }, 3],
])('an abort %s leaves nothing', async (_, script, requests) => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { ...known, ...script });
  const controller = new AbortController();
  const options = { ...folder, dockerHost: engine.host, signal: controller.signal };
  const opening = openImage('docker-daemon:app:1', options);
  await expect.poll(() => engine.requests.length).toBe(requests);
  controller.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  await nothingIsLeft(folder, engine);
});

test('a signal that was aborted before asks nothing', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  const options = { ...folder, dockerHost: engine.host, signal: AbortSignal.abort(new Error('enough')) };
  await expect(openImage('docker-daemon:app:1', options)).rejects.toThrow('enough');
  expect(engine.requests).toEqual([]);
});

test.each([
  [
    'docker-daemon:app:1',
    'DOCKER_UNREACHABLE',
    /no Docker engine answers at unix:\/\/.*no such socket; start Docker/,
  ],
  [
    'app:1',
    'DOCKER_UNREACHABLE',
    /no Docker engine answers at .*app:1 can't be read from a registry directly/,
  ],
])('without an engine, %s is %s', async (reference, code, says) => {
  const folder = await testFolder();
  const attempt = openImage(reference, { ...folder, dockerHost: `unix://${folder.path}/none.sock` });
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
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

const other = parsePlatform('linux/riscv64');

test('an image for another platform than was asked for is refused', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, known);
  await expect(
    describeImage('docker-daemon:app:1', { dockerHost: engine.host, platform: other }),
  ).rejects.toMatchObject({ code: 'PLATFORM_NOT_FOUND', message: expect.stringContaining('linux/amd64') });
});

const pulled: Answer = {
  body: [
    { status: 'Pulling from app', id: '1' },
    { status: 'Downloading', id: 'x', progressDetail: { current: 10, total: 20 } },
    { status: 'Downloading', id: 'y', progressDetail: { current: 5, total: 5 } },
    { status: 'Downloading', id: 'x', progressDetail: { current: 20, total: 20 } },
    { status: 'Status: Downloaded newer image for app:1' },
  ]
    .map((line) => `${JSON.stringify(line)}\r\n`)
    .join(''),
};
const absent: Answer = { status: 404, json: { message: 'no such image' } };

test('an image that is missing is pulled, whole name and platform told', async () => {
  const folder = await testFolder();
  const script = {
    ...known,
    'GET /images/app:1/json': [absent, inspection(image)],
    'POST /images/create': pulled,
  };
  const engine = await scriptedEngine(folder, script);
  const told: Progress[] = [];
  await describeImage('docker-daemon:app:1', {
    ...{ dockerHost: engine.host, pull: 'missing', platform: parsePlatform('linux/amd64') },
    onProgress: (each) => told.push(each),
  });
  expect(engine.requests[1]).toBe(
    'POST /images/create?fromImage=docker.io/library/app&tag=1&platform=linux/amd64',
  );
  expect(told.at(-1)).toEqual({ phase: 'fetch', bytes: 25, entries: 0 });
  await nothingIsLeft(folder, engine);
});

test('of an image that is named by tag and digest, the digest is pulled', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { 'POST /images/create': pulled });
  const name = `app:1@sha256:${'a'.repeat(64)}`;
  await expect(
    describeImage(`docker-daemon:${name}`, { dockerHost: engine.host, pull: 'missing' }),
  ).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  expect(engine.requests[1]).toBe(
    `POST /images/create?fromImage=docker.io/library/app&tag=sha256:${'a'.repeat(64)}`,
  );
});

test.each<[string, 'missing' | 'always' | 'never', number]>([
  ['an image that is there is not pulled', 'missing', 0],
  ['an image that is there is pulled again', 'always', 1],
  ['nothing is pulled', 'never', 0],
])('%s under %s', async (_, pull, pulls) => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { ...known, 'POST /images/create': pulled });
  await describeImage('docker-daemon:app:1', { dockerHost: engine.host, pull });
  expect(engine.requests.filter((request) => request.startsWith('POST'))).toHaveLength(pulls);
});

test('who wants no pull is told how to get the image all the same', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, {});
  await expect(describeImage('app:1', { dockerHost: engine.host, pull: 'never' })).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    message: expect.stringMatching(/docker pull app:1, or have the job pull it \(pull: missing\)$/),
  });
});

test('an image that is there for another platform is pulled for the wanted one', async () => {
  const folder = await testFolder();
  const wanted = testImage({ layers: [], platform: { architecture: 'riscv64' } });
  const engine = await scriptedEngine(folder, {
    'GET /images/app:1/json': [inspection(image), inspection(wanted)],
    [`GET /images/${wanted.configDigest}/history`]: history(wanted),
    'POST /images/create': pulled,
  });
  const options = { dockerHost: engine.host, pull: 'missing', platform: other } as const;
  expect((await describeImage('docker-daemon:app:1', options)).digest).toBe(wanted.configDigest);
});

test('an image asked for by id is never pulled', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, {});
  const attempt = describeImage(`docker-daemon:${id}`, { dockerHost: engine.host, pull: 'always' });
  await expect(attempt).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  expect(engine.requests).toEqual([`GET /images/${id}/json`]);
});

const failing = (message: string): Answer => ({
  body: `${JSON.stringify({ status: 'Pulling' })}\r\n${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`,
});

test.each<[string, Answer, string, RegExp]>([
  [
    'no such tag, told under 404',
    { status: 404, json: { message: 'manifest for app:1 not found: manifest unknown' } },
    'IMAGE_NOT_FOUND',
    /the registry gives no docker\.io\/library\/app:1: manifest for/,
  ],
  [
    'no such repository',
    {
      status: 404,
      json: {
        message: "pull access denied for app, repository does not exist or may require 'docker login'",
      },
    },
    'IMAGE_NOT_FOUND',
    /denied/,
  ],
  [
    'no such tag, told under 200',
    failing('manifest unknown: manifest unknown'),
    'IMAGE_NOT_FOUND',
    /manifest unknown/,
  ],
  [
    'no such platform',
    failing('no matching manifest for linux/riscv64 in the manifest list entries'),
    'PLATFORM_NOT_FOUND',
    /riscv64/,
  ],
  [
    'a registry that is not there',
    { status: 500, json: { message: 'Get "https://registry/v2/": dial tcp: lookup registry: no such host' } },
    'PULL_FAILED',
    /no such host/,
  ],
  [
    'a layer that the engine can not take',
    failing('failed to register layer:\nbad header'),
    'PULL_FAILED',
    /failed to register layer: bad header/,
  ],
  [
    'a connection that breaks',
    (response) => void response.write('{"status":', () => response.destroy()),
    'PULL_FAILED',
    /broke off/,
  ],
])('a pull that fails: %s', async (_, answer, code, says) => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, { 'POST /images/create': answer });
  const attempt = describeImage('docker-daemon:app:1', { dockerHost: engine.host, pull: 'missing' });
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  await nothingIsLeft(folder, engine);
});

test('an abort of a pull ends it', async () => {
  const folder = await testFolder();
  const engine = await scriptedEngine(folder, {
    'POST /images/create': (response) => void response.write('{"status":"Pulling"}\r\n'),
  });
  const controller = new AbortController();
  const options = { dockerHost: engine.host, pull: 'always', signal: controller.signal } as const;
  const attempt = describeImage('docker-daemon:app:1', options);
  await expect.poll(() => engine.requests.length).toBe(1);
  controller.abort(new Error('enough'));
  await expect(attempt).rejects.toThrow('enough');
  await nothingIsLeft(folder, engine);
});
