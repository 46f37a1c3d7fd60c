import { chmod, mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { type ArchiveFiles, archiveOf, json } from '../../../../test/support/images/archive-files.ts';
import {
  dockerArchive,
  dockerArchiveFiles,
  layerFolders,
} from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { hexOf, testImage } from '../../../../test/support/images/test-image.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { describeImage, openImage } from '../../src/source/open-image.ts';
import { opened, openFilesBelow, testFolder, written } from './test-sources.ts';

const base = layer().file('a', 'x'.repeat(3000));
const image = testImage({ layers: [base, layer().file('b')], tags: ['app:1'] });
const config = `${hexOf(image.configDigest)}.json`;
const [lower, upper] = layerFolders(image);

/** The archive of docker 1.10 to 24, spoiled. */
function spoiled(change: (files: ArchiveFiles) => void): Buffer {
  const files = dockerArchiveFiles(image, 'docker-1.10');
  change(files);
  return archiveOf(files);
}

/** The same with its only entry in `manifest.json` changed. */
function entryWith(fields: object): Buffer {
  return spoiled((files) => {
    const [entry] = JSON.parse(String(files.get('manifest.json')));
    files.set('manifest.json', json([{ ...entry, ...fields }]));
  });
}

const whole = dockerArchive(image, 'docker-1.10');

test.each<[string, Buffer, ErrorCode, RegExp]>([
  ['an empty file', Buffer.alloc(0), 'ARCHIVE_INVALID', /is empty/],
  ['a short text', Buffer.from('hello'), 'ARCHIVE_INVALID', /not a tar/],
  ['a long text', Buffer.from('hello '.repeat(1000)), 'ARCHIVE_INVALID', /not a tar/],
  ['zeros', Buffer.alloc(10_240), 'ARCHIVE_INVALID', /no image/],
  ['a root filesystem', base.tar(), 'ARCHIVE_INVALID', /no image/],
  ['a wrong checksum in mid-archive', corruptedHeader(), 'ARCHIVE_INVALID', /checksum/],
  ['cut in a layer', whole.subarray(0, whole.indexOf('xxx') + 1000), 'ARCHIVE_TRUNCATED', /behind the end/],
  ['cut in a header', whole.subarray(0, 700), 'ARCHIVE_TRUNCATED', /ends in a header/],
  ['cut before the list of images', spoiledAfter(config), 'ARCHIVE_TRUNCATED', /list of its images/],
  [
    'no image in the list',
    spoiled((files) => files.set('manifest.json', json([]))),
    'ARCHIVE_INVALID',
    /no image/,
  ],
  [
    'a list that is no JSON',
    spoiled((files) => files.set('manifest.json', Buffer.from('{'))),
    'MANIFEST_INVALID',
    /not JSON/,
  ],
  [
    'a list of another form',
    spoiled((files) => files.set('manifest.json', json({}))),
    'MANIFEST_INVALID',
    /form/,
  ],
  ['an entry without a config', entryWith({ Config: undefined }), 'MANIFEST_INVALID', /0\.Config/],
  ['a config that is not there', spoiled((files) => files.delete(config)), 'BLOB_MISSING', /config/],
  [
    'a config that was changed',
    spoiled((files) => files.set(config, json({ rootfs: {} }))),
    'DIGEST_MISMATCH',
    /config/,
  ],
  ['a config that is none', nameless({ hello: 'world' }), 'MANIFEST_INVALID', /rootfs/],
  [
    'a diff id that is none',
    nameless({ rootfs: { diff_ids: ['sha256:zz'] } }),
    'MANIFEST_INVALID',
    /diff id/,
  ],
  [
    'a layer that is not there',
    spoiled((files) => files.delete(`${lower}/layer.tar`)),
    'BLOB_MISSING',
    /layer 0 of 2.*layer\.tar/,
  ],
  [
    'a layer that is a folder',
    entryWith({ Layers: [`${lower}/layer.tar`, upper] }),
    'BLOB_MISSING',
    /layer 1 of 2/,
  ],
  [
    'more layers than diff ids',
    entryWith({ Layers: [1, 2, 3].map(() => `${lower}/layer.tar`) }),
    'MANIFEST_INVALID',
    /3 layers.*tells of 2/,
  ],
  ['fewer layers than diff ids', entryWith({ Layers: [] }), 'MANIFEST_INVALID', /0 layers.*tells of 2/],
  ['a name with a line break', entryWith({ Config: 'a\nb.json' }), 'BLOB_MISSING', /"a\\nb\.json"/],
])('%s', async (_, bytes, code, says) => {
  const folder = await testFolder();
  const file = await written(folder, bytes);
  const attempt = openImage(`docker-archive:${file}`, folder);
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  await expect(attempt).rejects.toMatchObject({ message: expect.stringContaining('image.tar') });
  await expect(attempt).rejects.toMatchObject({ message: expect.not.stringMatching(/\n/) });
  expect(openFilesBelow(folder)).toEqual([]);
});

function corruptedHeader(): Buffer {
  const bytes = Buffer.from(whole);
  const header = bytes.indexOf('manifest.json');
  bytes.write('x', header + 300);
  return bytes;
}

/** Ends between two members, without end blocks. */
function spoiledAfter(name: string): Buffer {
  const files = [...dockerArchiveFiles(image, 'docker-1.10')];
  const last = files.findIndex(([each]) => each === name);
  return archiveOf(new Map(files.slice(0, last + 1)), { endBlocks: 0 });
}

/** An image whose config is not named by its digest. */
function nameless(document: object): Buffer {
  return archiveOf(
    new Map([
      ['config.json', json(document)],
      ['manifest.json', json([{ Config: 'config.json', RepoTags: null, Layers: [] }])],
    ]),
  );
}

test('a document of more than 16 MiB is not read', async () => {
  const folder = await testFolder();
  const file = await written(
    folder,
    spoiled((files) => files.set('manifest.json', Buffer.alloc(2 ** 24 + 1))),
  );
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
});

test('the content of a file that is no document is not told', async () => {
  const folder = await testFolder();
  const file = await written(
    folder,
    spoiled((files) => files.set('manifest.json', Buffer.from('root:secret:0'))),
  );
  const error = await openImage(`docker-archive:${file}`, folder).catch((fault: unknown) => fault);
  expect(JSON.stringify([String(error), (error as Error).cause])).not.toContain('secret');
});

test('a layer that must not be distributed is told of, with where it is to be had', async () => {
  const folder = await testFolder();
  const files = dockerArchiveFiles(image, 'docker-25');
  const [entry] = JSON.parse(String(files.get('manifest.json')));
  const [{ diffId, digest }] = image.layers;
  const LayerSources = { [diffId]: { mediaType: 'foreign', urls: ['https://mcr.example/layer'] } };
  files.set('manifest.json', json([{ ...entry, LayerSources }]));
  files.set('index.json', json({ schemaVersion: 2, manifests: null }));
  files.delete(`blobs/sha256/${hexOf(digest)}`);
  const file = await written(folder, archiveOf(files));
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({
    code: 'BLOB_MISSING',
    message: expect.stringMatching(/layer 0 of 2.*https:\/\/mcr\.example\/layer/),
  });
});

test.each(['gnu-old', 'pax-1.0'] as const)('a layer that is stored sparse is told of (%s)', async (form) => {
  const folder = await testFolder();
  const spoilt = layer()
    .sparse('layer.tar', { size: 4096, pieces: [] }, form)
    .file('config.json', image.config)
    .file('manifest.json', json([{ Config: 'config.json', Layers: ['layer.tar', 'layer.tar'] }]))
    .tar();
  const file = await written(folder, spoilt);
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({
    code: 'ARCHIVE_INVALID',
    message: expect.stringMatching(/"layer\.tar" is stored sparse.*without --sparse/),
  });
});

test.each<[string, string, ErrorCode, RegExp]>([
  ['no such file', 'missing.tar', 'ARCHIVE_NOT_FOUND', /there is no .*missing\.tar/],
  ['a file as a folder', 'image.tar/x.tar', 'ARCHIVE_NOT_FOUND', /there is no/],
  ['a folder', 'folder', 'ARCHIVE_UNREADABLE', /is a folder.*oci:/],
])('%s', async (_, name, code, says) => {
  const folder = await testFolder();
  await written(folder, whole);
  await mkdir(`${folder.path}/folder`);
  const attempt = openImage(`docker-archive:${folder.path}/${name}`, folder);
  await expect(attempt).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
});

test('a device is not read', async () => {
  const folder = await testFolder();
  await expect(openImage('docker-archive:/dev/zero', folder)).rejects.toMatchObject({
    code: 'ARCHIVE_UNREADABLE',
    message: expect.stringContaining('neither a file nor a pipe'),
  });
});

test.skipIf(process.getuid?.() === 0)('a file without permission', async () => {
  const folder = await testFolder();
  const file = await written(folder, whole);
  await chmod(file, 0);
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({
    code: 'ARCHIVE_UNREADABLE',
    message: expect.stringContaining('permission denied'),
  });
});

const second = testImage({ layers: [base], tags: ['other:2', 'other:latest'] });
const both = dockerArchive([image, second, { layers: [layer().file('c')] }], 'docker-1.10');

test.each([
  ['its name', 'other:2', second],
  ['its name without the default tag', 'other', second],
  ['its name in full', 'docker.io/library/app:1', image],
  ['its place', '@0', image],
  ['its id', second.configDigest, second],
  ['the start of its id', hexOf(second.configDigest).slice(0, 8), second],
])('of several images, one is chosen by %s', async (_, choice, expected) => {
  const folder = await testFolder();
  const file = await written(folder, both);
  const { description } = await opened(`docker-archive:${file}:${choice}`, folder);
  expect(description.configDigest).toBe(expected.configDigest);
  expect(description.repoTags).toEqual(expected.tags);
});

test('several images and no choice are an error that lists them', async () => {
  const folder = await testFolder();
  const file = await written(folder, both);
  const at = `docker-archive:${file}`;
  await expect(openImage(at, folder)).rejects.toMatchObject({
    code: 'IMAGE_AMBIGUOUS',
    message: expect.stringMatching(
      new RegExp(
        `3 such images; name one of ${at}:app:1, ${at}:other:2, ${at}:@2 \\(sha256:[0-9a-f]{64}\\)$`,
      ),
    ),
  });
  await expect(openImage(`docker-archive:${file}:app:2`, folder)).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
    message: expect.stringContaining(`; it holds ${at}:app:1, `),
  });
  await expect(openImage(`docker-archive:${file}:@3`, folder)).rejects.toMatchObject({
    code: 'IMAGE_NOT_FOUND',
  });
});

test('several images of one name are listed by their places', async () => {
  const folder = await testFolder();
  const file = await written(folder, dockerArchive([image, { ...second, tags: image.tags }], 'docker-25'));
  await expect(openImage(`docker-archive:${file}:app:1`, folder)).rejects.toMatchObject({
    code: 'IMAGE_AMBIGUOUS',
    message: expect.stringMatching(/docker-archive:\S+:@0 \("app:1"\), docker-archive:\S+:@1 \("app:1"\)$/),
  });
});

test("a layer has the tags and the id of another image's that ends with it", async () => {
  const folder = await testFolder();
  const file = await written(folder, dockerArchive([image, second], 'docker-25'));
  const description = await describeImage(`docker-archive:${file}:app:1`, folder);
  expect(description.layers[0]).toMatchObject({
    id: hexOf(second.configDigest),
    tags: ['other:2', 'other:latest'],
  });
  expect(description.layers[1]).toMatchObject({ id: hexOf(image.configDigest), tags: ['app:1'] });
});

test('what is wrong with another image is no fault of the one that was asked for', async () => {
  const folder = await testFolder();
  const files = dockerArchiveFiles([image, second], 'docker-1.10');
  files.set(`${hexOf(second.configDigest)}.json`, Buffer.from('spoiled'));
  const file = await written(folder, archiveOf(files));
  expect((await describeImage(`docker-archive:${file}:app:1`, folder)).layers[0].tags).toEqual([]);
});
