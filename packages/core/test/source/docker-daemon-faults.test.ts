import { expect, test } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { openImage } from '../../src/source/open-image.ts';
import { another, id, known, nothingIsLeft, saved } from './daemon-image.ts';
import { type Answer, scriptedEngine } from './scripted-engine.ts';
import { testFolder } from './test-sources.ts';

const cutOff: Answer = (response) => {
  response.write(saved.subarray(0, 100_000), () => response.destroy());
};
const errorBehind = `${JSON.stringify({ errorDetail: { message: 'open /var/lib/x:\n no such file' }, error: 'open' })}\r\n`;

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
