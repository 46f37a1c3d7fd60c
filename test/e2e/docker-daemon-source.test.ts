import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readlinkSync, readSync } from 'node:fs';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeImage, type Image, openImage } from '@dimgx/core';
import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { EngineClient } from '../support/images/engine-client.ts';
import { layer } from '../support/images/layer.ts';
import { testImage } from '../support/images/test-image.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';

const run = promisify(execFile);

const loaded = testImage({
  layers: [
    layer().directory('d').file('d/a', 'hello', { mode: 0o640, uid: 7 }).symlink('l', 'd/a'),
    layer().whiteout('d/a').file('d/b', 'x'.repeat(100_000)),
  ],
  tags: ['dimgx-source/loaded:1'],
  config: { Cmd: ['sh'], Env: ['A=b'] },
});

const dockerfile = `
FROM scratch
COPY one /one
ENV A=b
COPY two /two
LABEL a=b
WORKDIR /srv
COPY one /srv/three
CMD ["/one"]
`;

let dockerHost: string;
let engine: EngineClient;
let spoolFolder: string;

beforeAll(async () => {
  const docker = await sharedPart('docker');
  dockerHost = docker.host;
  engine = new EngineClient(docker.socketPath);
  await engine.load(dockerArchive(loaded, 'docker-1.10'));
  const context = layer().file('Dockerfile', dockerfile).file('one', '1').file('two', '22');
  await engine.build(context.tar(), 'dimgx-source/built:1');
});

beforeEach(async () => {
  spoolFolder = await mkdtemp(join(inject('runFolder'), 'spool-'));
});

/** Closes the image when all its layers have been seen to have their diff ids. */
async function verified(image: Image): Promise<Image['description']> {
  for (const { fd, offset, size, diffId } of image.blobs) {
    const bytes = Buffer.alloc(size);
    readSync(fd, bytes, 0, size, offset);
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(diffId);
  }
  await image.close();
  return image.description;
}

/** Files of the spool folder that this process has open: they have no name any more. */
function spooled(): string[] {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.startsWith(spoolFolder));
}

test('an image is opened by name, and is the one that was loaded', async () => {
  const image = await openImage('docker-daemon:dimgx-source/loaded:1', { dockerHost, spoolFolder });
  expect(spooled()).toHaveLength(1);
  const description = await verified(image);
  expect(description).toMatchObject({
    digest: loaded.configDigest,
    configDigest: loaded.configDigest,
    repoTags: loaded.tags,
    config: { cmd: ['sh'], env: ['A=b'] },
  });
  expect(description.layers.map(({ diffId }) => diffId)).toEqual(loaded.layers.map(({ diffId }) => diffId));
  expect(spooled()).toEqual([]);
  expect(await readdir(spoolFolder)).toEqual([]);
});

test.each([
  ['its id', loaded.configDigest],
  ['the hex digits of its id', loaded.configDigest.slice('sha256:'.length)],
  ['the start of its id', loaded.configDigest.slice('sha256:'.length).slice(0, 12)],
  ['its full name', 'docker.io/dimgx-source/loaded:1'],
])('an image is opened by %s', async (_, name) => {
  const description = await verified(await openImage(`docker-daemon:${name}`, { dockerHost, spoolFolder }));
  expect(description.configDigest).toBe(loaded.configDigest);
  expect(description.repoTags).toEqual(loaded.tags);
});

test('a plain name is looked for in the engine', async () => {
  const { reference } = await describeImage('dimgx-source/loaded:1', { dockerHost });
  expect(reference).toBe('docker-daemon:dimgx-source/loaded:1');
});

test('what is described without the content is what the content says', async () => {
  const described = await describeImage('docker-daemon:dimgx-source/built:1', { dockerHost });
  const description = await verified(
    await openImage('docker-daemon:dimgx-source/built:1', { dockerHost, spoolFolder }),
  );
  const lines = ({ history }: typeof described) =>
    history.map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer]);
  const stacks = ({ layers }: typeof described) =>
    layers.map(({ id, chainId, createdBy, tags }) => ({ id, chainId, createdBy, tags }));
  expect(lines(described)).toEqual(lines(description));
  expect(stacks(described)).toEqual(stacks(description));
  expect(described.digest).toBe(description.digest);
});

test('a layer that is the top of another image has its id and its tag', async () => {
  const context = layer()
    .file('Dockerfile', 'FROM dimgx-source/built:1\nCOPY three /three')
    .file('three', '333');
  await engine.build(context.tar(), 'dimgx-source/derived:1');
  const [built, derived] = await Promise.all(
    ['built', 'derived'].map((name) => describeImage(`docker-daemon:dimgx-source/${name}:1`, { dockerHost })),
  );
  expect(derived.layers.at(-2)).toMatchObject({
    id: built.layers.at(-1)?.id,
    tags: ['dimgx-source/built:1'],
  });
  expect(derived.layers.at(-1)).toMatchObject({ tags: ['dimgx-source/derived:1'], size: 3 });
});

test('an image that is not there is told, and so is one for another platform', async () => {
  await expect(describeImage('docker-daemon:dimgx-source/none:1', { dockerHost })).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
  });
  const platform = { os: 'linux', architecture: 's390x' };
  await expect(
    describeImage('docker-daemon:dimgx-source/loaded:1', { dockerHost, platform }),
  ).rejects.toMatchObject({ code: 'PLATFORM_NOT_FOUND' });
});

test('an abort while the engine saves leaves nothing open', async () => {
  const large = testImage({
    layers: [layer().file('large', Buffer.alloc(64 * 2 ** 20, 'x'))],
    tags: ['dimgx-source/large:1'],
  });
  await engine.load(dockerArchive(large, 'docker-1.10'));
  const controller = new AbortController();
  const opening = openImage('docker-daemon:dimgx-source/large:1', {
    ...{ dockerHost, spoolFolder, signal: controller.signal },
    onProgress: ({ phase }) => {
      if (phase === 'fetch') controller.abort(new Error('enough'));
    },
  });
  await expect(opening).rejects.toThrow('enough');
  await expect.poll(spooled).toEqual([]);
});

/** Puts the image into the registry under that name, by the judge's own tool. */
async function pushed(name: string): Promise<string> {
  const { host } = await sharedPart('registry');
  const file = join(spoolFolder, 'pushed.tar');
  await writeFile(
    file,
    dockerArchive({ layers: [layer().file('pushed', name)], tags: ['x:1'] }, 'docker-1.10'),
  );
  await run('skopeo', [
    'copy',
    '--dest-tls-verify=false',
    `docker-archive:${file}`,
    `docker://${host}/${name}`,
  ]);
  return `${host}/${name}`;
}

test('an image that only a registry has is pulled, if that is wished', async () => {
  const name = await pushed('dimgx-source/pulled:1');
  await expect(describeImage(`docker-daemon:${name}`, { dockerHost })).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
  });
  const options = { dockerHost, spoolFolder, pull: 'missing' } as const;
  const description = await verified(await openImage(`docker-daemon:${name}`, options));
  expect(description.repoTags).toEqual([name]);
});

test('an image is pulled and opened by its digest', async () => {
  const name = await pushed('dimgx-source/pinned:1');
  const { stdout } = await run('skopeo', ['inspect', '--tls-verify=false', `docker://${name}`]);
  const digest = String(JSON.parse(stdout).Digest);
  const pinned = `docker-daemon:${name.replace(/:1$/, '')}@${digest}`;
  const description = await verified(await openImage(pinned, { dockerHost, spoolFolder, pull: 'missing' }));
  expect(description.reference).toBe(pinned);
});

test.each([
  ['a tag that the registry has not', 'dimgx-source/none:9', 'IMAGE_NOT_FOUND'],
  ['a registry that is not there', '127.0.0.1:9/app:1', 'PULL_FAILED'],
])('%s', async (_, name, code) => {
  const { host } = await sharedPart('registry');
  const full = name.startsWith('127') ? name : `${host}/${name}`;
  await expect(describeImage(`docker-daemon:${full}`, { dockerHost, pull: 'missing' })).rejects.toMatchObject(
    { code },
  );
});
