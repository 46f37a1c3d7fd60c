import { expect, test } from 'vitest';
import { archiveOf, json } from '../../../../test/support/images/archive-files.ts';
import {
  dockerArchive,
  dockerArchiveFiles,
  layerFolders,
} from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociArchive } from '../../../../test/support/images/oci-layout.ts';
import { hexOf, type ImageSpec, testImage } from '../../../../test/support/images/test-image.ts';
import type { Platform } from '../../src/image/platform.ts';
import { describeImage, openImage } from '../../src/source/open-image.ts';
import { opened, openFilesBelow, testFolder, written } from './test-sources.ts';

const base = layer().directory('etc').file('etc/os', 'debian');
const upper = layer().file('etc/os', 'other').whiteout('gone');
const spec: ImageSpec = {
  layers: [
    { tar: base, createdBy: 'ADD rootfs' },
    { tar: upper, createdBy: 'RUN edit' },
  ],
  tags: ['app:1', 'app:latest'],
  platform: { architecture: 'arm64', variant: 'v8' },
  created: '2021-02-03T04:05:06Z',
  config: { Env: ['A=b'], Cmd: ['sh'], User: 'u', Labels: { a: 'b' }, ExposedPorts: { '80/tcp': {} } },
};
const image = testImage(spec);
const [first, second] = image.layers;
const configHex = hexOf(image.configDigest);

/** As podman saves: layers and config at the top. */
function podmanArchive(): Buffer {
  const layers = image.layers.map(({ diffId, tar }) => [`${hexOf(diffId)}.tar`, tar] as const);
  return archiveOf(
    new Map([
      ...layers,
      [`${configHex}.json`, image.config],
      [
        'manifest.json',
        json([
          {
            Config: `${configHex}.json`,
            RepoTags: ['localhost/app:1'],
            Layers: layers.map(([name]) => name),
          },
        ]),
      ],
    ]),
  );
}

test.each([
  ['docker 1.10 to 24', dockerArchive(image, 'docker-1.10'), ['app:1', 'app:latest']],
  ['docker 25', dockerArchive(image, 'docker-25'), ['app:1', 'app:latest']],
  [
    'docker 25, all names with ./',
    dockerArchive(image, 'docker-25', { prefix: './' }),
    ['app:1', 'app:latest'],
  ],
  [
    'docker 1.10, all names with ./',
    dockerArchive(image, 'docker-1.10', { prefix: './' }),
    ['app:1', 'app:latest'],
  ],
  ['podman', podmanArchive(), ['localhost/app:1']],
  ['an OCI layout', ociArchive(spec), ['app:1', 'app:latest']],
])('%s is read where it lies', async (_, bytes, repoTags) => {
  const folder = await testFolder();
  const file = await written(folder, bytes);
  const { description, layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([first.tar, second.tar]);
  expect(description).toMatchObject({
    reference: `docker-archive:${file}`,
    configDigest: image.configDigest,
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
    repoTags,
    created: '2021-02-03T04:05:06Z',
    config: {
      env: ['A=b'],
      cmd: ['sh'],
      user: 'u',
      labels: { a: 'b' },
      exposedPorts: ['80/tcp'],
      volumes: [],
    },
    history: [
      { createdBy: 'ADD rootfs', emptyLayer: false },
      { createdBy: 'RUN edit', emptyLayer: false },
    ],
    layers: [
      {
        index: 0,
        diffId: first.diffId,
        chainId: first.diffId,
        id: hexOf(first.diffId),
        size: first.tar.length,
      },
      { index: 1, diffId: second.diffId, id: configHex, createdBy: 'RUN edit', tags: repoTags },
    ],
  });
  expect(await describeImage(`docker-archive:${file}`, folder)).toEqual(description);
  expect(openFilesBelow(folder)).toEqual([]);
});

test('an image that was opened outlives its file', async () => {
  const folder = await testFolder();
  const file = await written(folder, dockerArchive(image, 'docker-1.10'));
  const handle = await openImage(`docker-archive:${file}`, folder);
  expect(openFilesBelow(folder)).toHaveLength(1);
  await handle.close();
  await handle.close();
  expect(openFilesBelow(folder)).toEqual([]);
  expect(() => handle.blobs).toThrow(
    expect.objectContaining({ code: 'USAGE', message: `docker-archive:${file} has been closed` }),
  );
});

test('docker 25 tells of the manifest, and of the digests and types of blobs', async () => {
  const folder = await testFolder();
  const file = await written(folder, dockerArchive(image, 'docker-25'));
  const { description } = await opened(`docker-archive:${file}`, folder);
  expect(description.digest).not.toBe(image.configDigest);
  expect(description.layers[1]).toMatchObject({
    blobDigest: second.digest,
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
  });
});

test('docker 25 tells of one platform, and its index of the others', async () => {
  const folder = await testFolder();
  const amd64 = testImage({ layers: [layer().file('amd64')], tags: ['many:1'] });
  const s390x = testImage({
    layers: [layer().file('s390x')],
    tags: ['many:1'],
    platform: { architecture: 's390x' },
  });
  const files = new Map([
    ...dockerArchiveFiles(s390x, 'docker-25'),
    ...dockerArchiveFiles(amd64, 'docker-25'),
  ]);
  const both = dockerArchiveFiles([amd64, s390x], 'docker-25');
  files.set('index.json', withPlatforms(both.get('index.json') as Buffer, ['amd64', 's390x']));
  const file = await written(folder, archiveOf(files));
  const layersFor = async (platform?: Platform) =>
    (await opened(`docker-archive:${file}`, { ...folder, platform })).layers;
  expect(await layersFor()).toEqual([amd64.layers[0].tar]);
  expect(await layersFor({ os: 'linux', architecture: 's390x' })).toEqual([s390x.layers[0].tar]);
  await expect(layersFor({ os: 'linux', architecture: 'riscv64' })).rejects.toMatchObject({
    code: 'PLATFORM_NOT_FOUND',
  });
});

function withPlatforms(index: Buffer, architectures: readonly string[]): Buffer {
  const { manifests, ...rest } = JSON.parse(String(index));
  const platforms = manifests.map((descriptor: object, i: number) => ({
    ...descriptor,
    platform: { os: 'linux', architecture: architectures[i] },
  }));
  return json({ ...rest, manifests: platforms });
}

test.each([
  ['is null', json({ schemaVersion: 2, manifests: null })],
  ['is empty', json({ schemaVersion: 2, manifests: [] })],
])('docker 25 where the list of manifests %s', async (_, index) => {
  const folder = await testFolder();
  const files = dockerArchiveFiles(image, 'docker-25').set('index.json', index);
  const file = await written(folder, archiveOf(files));
  const { description, layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([first.tar, second.tar]);
  expect(description.digest).toBe(image.configDigest);
  expect(description.layers[0]).toMatchObject({ blobDigest: first.digest });
});

test('a layer that is a symlink to another is followed, over several links', async () => {
  const folder = await testFolder();
  const twice = testImage({ layers: [base, base, base], tags: ['twice:1'] });
  const [one, two, three] = layerFolders(twice);
  const files = dockerArchiveFiles(twice, 'docker-1.10')
    .set(`${two}/layer.tar`, { symlink: `../${one}/layer.tar` })
    .set(`${three}/layer.tar`, { symlink: `.././${two}/layer.tar` });
  const file = await written(folder, archiveOf(files));
  const { layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([first.tar, first.tar, first.tar]);
});

test('layers that are symlinks to each other are an error', async () => {
  const folder = await testFolder();
  const [one, two] = layerFolders(image);
  const files = dockerArchiveFiles(image, 'docker-1.10')
    .set(`${one}/layer.tar`, { symlink: `../${two}/layer.tar` })
    .set(`${two}/layer.tar`, { symlink: `../${one}/layer.tar` });
  const file = await written(folder, archiveOf(files));
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({ code: 'SYMLINK_LOOP' });
});

test.each([
  ['a symlink out of the archive is clamped to its root', '/../', 'a/b/c/layer.tar'],
  ['a symlinked folder on the way is followed', '../', 'a/b/layer.tar'],
])('%s', async (_, up, path) => {
  const folder = await testFolder();
  const files = dockerArchiveFiles(testImage({ layers: [base], tags: [] }), 'docker-1.10');
  const [config] = JSON.parse(String(files.get('manifest.json')));
  files
    .set('manifest.json', json([{ ...config, Layers: [path] }]))
    .set('real/layer.tar', first.tar)
    .set(path.slice(0, path.lastIndexOf('/')), { symlink: `${up}real` });
  const file = await written(folder, archiveOf(files));
  const { layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([first.tar]);
});

test('a hard link inside the archive has the content that its target had when it was written', async () => {
  const folder = await testFolder();
  const bytes = layer()
    .file('layer.tar', first.tar)
    .hardlink('link.tar', './layer.tar')
    .file('layer.tar', 'replaced')
    .file('config.json', testImage({ layers: [base] }).config)
    .file('manifest.json', json([{ Config: 'config.json', RepoTags: null, Layers: ['link.tar'] }]))
    .tar();
  const file = await written(folder, bytes);
  const { layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([first.tar]);
});

test('of a name that comes twice, the last counts', async () => {
  const folder = await testFolder();
  const files = [...dockerArchiveFiles(image, 'docker-1.10')];
  const stale = layer().file('manifest.json', 'stale').file(`${configHex}.json`, 'stale').tar(0);
  const file = await written(folder, Buffer.concat([stale, archiveOf(new Map(files))]));
  const { layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([first.tar, second.tar]);
});

test('an archive without end blocks is whole', async () => {
  const folder = await testFolder();
  const file = await written(folder, dockerArchive(image, 'docker-25', { endBlocks: 0 }));
  const { layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toHaveLength(2);
});

test.each(['docker-1.10', 'docker-25'] as const)('an image without layers (%s) has none', async (form) => {
  const folder = await testFolder();
  const file = await written(folder, dockerArchive({ layers: [], tags: ['scratch:1'] }, form));
  const { description, layers } = await opened(`docker-archive:${file}`, folder);
  expect(layers).toEqual([]);
  expect(description.layers).toEqual([]);
  expect(description.repoTags).toEqual(['scratch:1']);
});

test('documents whose lists are null, as old engines write them, are read', async () => {
  const folder = await testFolder();
  const config = json({ rootfs: { type: 'layers', diff_ids: null }, config: null, history: null });
  const files = new Map([
    ['config.json', config],
    ['manifest.json', json([{ Config: 'config.json', RepoTags: null, Layers: null }])],
  ]);
  const file = await written(folder, archiveOf(files));
  const { description } = await opened(`docker-archive:${file}`, folder);
  expect(description).toMatchObject({
    platform: { os: 'linux', architecture: 'amd64' },
    repoTags: [],
    config: { env: [], entrypoint: [], cmd: [] },
    history: [],
    layers: [],
  });
});

test('history lines without a layer are kept, and the others go to their layers', async () => {
  const folder = await testFolder();
  const history = [
    { created_by: 'ADD rootfs', comment: 'first' },
    { created_by: 'ENV A=b', empty_layer: true },
    { created_by: 'RUN edit', author: 'me', created: '2021-01-01T00:00:00Z' },
    { created_by: 'CMD sh', empty_layer: true },
  ];
  const file = await written(folder, dockerArchive({ layers: [base, upper], history }, 'docker-25'));
  const { description } = await opened(`docker-archive:${file}`, folder);
  expect(description.history.map(({ createdBy, emptyLayer }) => [createdBy, emptyLayer])).toEqual([
    ['ADD rootfs', false],
    ['ENV A=b', true],
    ['RUN edit', false],
    ['CMD sh', true],
  ]);
  expect(description.layers[0]).toMatchObject({ createdBy: 'ADD rootfs', comment: 'first' });
  expect(description.layers[1]).toMatchObject({ createdBy: 'RUN edit', created: '2021-01-01T00:00:00Z' });
});

test('a history that does not fit the layers is kept, and told of none', async () => {
  const folder = await testFolder();
  const history = [{ created_by: 'squashed' }];
  const file = await written(folder, dockerArchive({ layers: [base, upper], history }, 'docker-25'));
  const { description } = await opened(`docker-archive:${file}`, folder);
  expect(description.history).toHaveLength(1);
  expect(description.layers.map(({ createdBy }) => createdBy)).toEqual([undefined, undefined]);
});
