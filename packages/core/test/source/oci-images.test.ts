import { expect, test } from 'vitest';
import { json, writeFolder } from '../../../../test/support/images/archive-files.ts';
import { type OciContent, ociLayoutFiles } from '../../../../test/support/images/oci-layout.ts';
import { imageManifest } from '../../../../test/support/images/oci-manifest.ts';
import { hexOf, type ImageSpec, sha256, testImage } from '../../../../test/support/images/test-image.ts';
import { openImage } from '../../src/source/open-image.ts';
import { type Asked, amd64, arm64, forArchitecture, openedOci, s390x, tarOf } from './opened-oci.ts';
import { opened, openFilesBelow, testFolder } from './test-sources.ts';

const host = process.arch === 'arm64' ? arm64 : amd64;
const other = host === arm64 ? amd64 : arm64;
const three = { index: [amd64, arm64, s390x] };
const variants = { index: [forArchitecture('arm', 'v5'), forArchitecture('arm', 'v7'), arm64] };

test.each<[string, OciContent | OciContent[], Asked, ImageSpec]>([
  ['an image alone, whatever it is for', s390x, {}, s390x],
  ['an image alone with several names', { ...s390x, tags: ['a', 'b'] }, {}, s390x],
  ["an index: this machine's", three, {}, host],
  ['an index: the wanted one', three, { platform: 'linux/s390x' }, s390x],
  ['an index in an index', { index: [{ index: [three] }] }, { platform: 'linux/arm64' }, arm64],
  [
    'indexes side by side in an index',
    { index: [{ index: [amd64] }, { index: [s390x] }] },
    { platform: 'linux/s390x' },
    s390x,
  ],
  ['a variant', variants, { platform: 'linux/arm/v7' }, forArchitecture('arm', 'v7')],
  ['no variant: the first', variants, { platform: 'linux/arm' }, forArchitecture('arm', 'v5')],
  ['the variant that is meant anyway', variants, { platform: 'linux/arm64/v8' }, arm64],
  ['attestations beside an image', { index: [s390x], attestations: true }, {}, s390x],
  ['attestations beside several', { ...three, attestations: true }, { platform: 'linux/arm64' }, arm64],
  [
    'other platforms are absent',
    { ...three, absent: ['s390x', other.platform?.architecture ?? ''] },
    {},
    host,
  ],
  ['this machine is absent, one other is there', { ...three, absent: ['amd64', 'arm64'] }, {}, s390x],
  [
    'top-level images for different platforms are one',
    [amd64, arm64, s390x],
    { platform: 'linux/s390x' },
    s390x,
  ],
])('%s', async (_, content, asked, expected) => {
  const { layers, description } = await openedOci(content, asked);
  expect(layers).toEqual([tarOf(expected)]);
  expect(description.digest).toBe(sha256(imageManifest(testImage(expected))));
});

test.each<[string, OciContent | OciContent[], Asked, string, RegExp]>([
  [
    'no such platform in an index',
    three,
    { platform: 'linux/riscv64' },
    'PLATFORM_NOT_FOUND',
    /amd64.*arm64.*s390x/,
  ],
  ['no such variant', variants, { platform: 'linux/arm/v6' }, 'PLATFORM_NOT_FOUND', /v5.*v7/],
  ['an image alone for another platform', s390x, { platform: 'linux/amd64' }, 'PLATFORM_NOT_FOUND', /s390x/],
  [
    'the wanted platform is absent',
    { ...three, absent: ['s390x'] },
    { platform: 'linux/s390x' },
    'BLOB_MISSING',
    /manifest/,
  ],
  [
    'nothing but attestations',
    { index: [{ ...amd64, platform: { os: 'unknown', architecture: 'unknown' } }] },
    {},
    'MANIFEST_INVALID',
    /no image/,
  ],
  [
    'indexes too deep',
    { index: [{ index: [{ index: [{ index: [{ index: [{ index: [amd64] }] }] }] }] }] },
    {},
    'LIMIT_EXCEEDED',
    /deep/,
  ],
  [
    'several images and no choice',
    [
      { ...amd64, tags: ['a:1'] },
      { ...arm64, tags: ['b:1'] },
    ],
    {},
    'IMAGE_AMBIGUOUS',
    /a:1.*b:1/,
  ],
  [
    'no such tag',
    [
      { ...amd64, tags: ['a:1'] },
      { ...arm64, tags: ['b:1'] },
    ],
    { choice: 'c:1' },
    'IMAGE_NOT_FOUND',
    /a:1.*b:1/,
  ],
  [
    'nameless images for one platform',
    [amd64, { ...amd64, created: '2022-01-01T00:00:00Z' }],
    {},
    'IMAGE_AMBIGUOUS',
    /tar:@0 \(sha256:.*tar:@1 \(/,
  ],
])('%s is an error', async (_, content, asked, code, says) => {
  await expect(openedOci(content, asked)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(says),
  });
});

const named = [
  { ...amd64, tags: ['v1', 'ghcr.io/me/app:1'] },
  { ...s390x, tags: ['v2'] },
];

test.each<[string, string, ImageSpec]>([
  ['a reference name', 'v2', s390x],
  ['a reference name in full', 'ghcr.io/me/app:1', amd64],
  ['a place', '@1', s390x],
  ['the digest of the manifest', sha256(imageManifest(testImage(s390x))), s390x],
  ['the start of that digest', hexOf(sha256(imageManifest(testImage(s390x)))).slice(0, 12), s390x],
])('of several images, one is chosen by %s', async (_, choice, expected) => {
  const { layers } = await openedOci(named, { choice });
  expect(layers).toEqual([tarOf(expected)]);
});

test('a name as it stands comes before one that is the same in full', async () => {
  const { layers } = await openedOci(
    [
      { ...amd64, tags: ['app:latest'] },
      { ...s390x, tags: ['app'] },
    ],
    { choice: 'app' },
  );
  expect(layers).toEqual([tarOf(s390x)]);
});

test('names that docker and buildkit write choose an image by its short name', async () => {
  const files = ociLayoutFiles([amd64, s390x]);
  const index = JSON.parse(String(files.get('index.json')));
  index.manifests.forEach((descriptor: object, i: number) => {
    Object.assign(descriptor, {
      annotations: {
        'io.containerd.image.name': `docker.io/library/app${i}:latest`,
        'org.opencontainers.image.ref.name': 'latest',
      },
    });
  });
  files.set('index.json', json(index));
  const { layers, description } = await openedOci(files, { choice: 'app1' });
  expect(layers).toEqual([tarOf(s390x)]);
  expect(description.repoTags).toEqual(['app1:latest']);
  await expect(openedOci(files, { choice: 'latest' })).rejects.toMatchObject({
    code: 'IMAGE_AMBIGUOUS',
    message: expect.stringMatching(/ oci-archive:\S+\/app0:latest, oci-archive:\S+\/app1:latest$/),
  });
});

test('an image whose name cannot be written behind a file is listed by its place', async () => {
  const content = [
    { ...amd64, tags: ['v1'] },
    { ...arm64, tags: ['no name'] },
  ];
  await expect(openedOci(content)).rejects.toMatchObject({
    code: 'IMAGE_AMBIGUOUS',
    message: expect.stringMatching(/:v1, oci-archive:\S+:@1 \("no name"\)$/),
  });
});

test('a layout in a folder is read', async () => {
  const folder = await testFolder();
  const path = `${folder.path}/layout`;
  await writeFolder(ociLayoutFiles(named), path);
  const { layers, description } = await opened(`oci:${path}:v2`, folder);
  expect(layers).toEqual([tarOf(s390x)]);
  expect(description.reference).toBe(`oci:${path}:v2`);
});

test('a layout in a folder holds no file open once its image is closed', async () => {
  const folder = await testFolder();
  const path = `${folder.path}/layout`;
  await writeFolder(ociLayoutFiles(amd64), path);
  const image = await openImage(`oci:${path}`, folder);
  await image.close();
  expect(openFilesBelow(folder)).toEqual([]);
});
