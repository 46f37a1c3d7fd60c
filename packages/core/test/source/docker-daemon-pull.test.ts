import { expect, test } from 'vitest';
import { testImage } from '../../../../test/support/images/test-image.ts';
import type { Progress } from '../../src/flatten/progress.ts';
import { parsePlatform } from '../../src/image/platform.ts';
import { describeImage } from '../../src/source/open-image.ts';
import { id, image, known, nothingIsLeft } from './daemon-image.ts';
import { type Answer, history, inspection, scriptedEngine } from './scripted-engine.ts';
import { testFolder } from './test-sources.ts';

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
  const options = {
    dockerHost: engine.host,
    pull: 'missing',
    platform: parsePlatform('linux/riscv64'),
  } as const;
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
