import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type ArchiveFiles, archiveOf, json } from '../../../../test/support/images/archive-files.ts';
import { dockerArchiveFiles, layerFolders } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { testImage } from '../../../../test/support/images/test-image.ts';
import { describeImage, openImage } from '../../src/source/open-image.ts';
import { opened, testFolder, written } from './test-sources.ts';

const image = testImage({
  layers: [
    { tar: layer().file('a'), createdBy: 'ADD a' },
    { tar: layer().file('b'), createdBy: 'ADD b' },
    { tar: layer().file('c'), createdBy: 'ADD c' },
  ],
  tags: ['app:1', 'app:latest'],
  config: { Cmd: ['sh'], Env: ['A=b'] },
  platform: { architecture: 'arm64' },
});
const ids = layerFolders(image);

async function file(change: (files: ArchiveFiles) => void = () => {}, endBlocks = 2): Promise<string> {
  const files = dockerArchiveFiles(image, 'legacy');
  change(files);
  const folder = await testFolder();
  return written(folder, archiveOf(files, { endBlocks }));
}

test('layers are images, from the tagged one over its parents', async () => {
  const archive = await file();
  const { description, layers } = await opened(`docker-archive:${archive}`, {});
  expect(layers).toEqual(image.layers.map(({ tar }) => tar));
  expect(description).toMatchObject({
    repoTags: ['app:1', 'app:latest'],
    platform: { os: 'linux', architecture: 'arm64' },
    config: { cmd: ['sh'], env: ['A=b'] },
  });
  expect(description.layers.map(({ id }) => id)).toEqual(ids);
  expect(description.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId));
  expect(description.layers.map(({ createdBy }) => createdBy)).toEqual(['ADD a', 'ADD b', 'ADD c']);
});

test('without tags, the image that is no other’s parent counts', async () => {
  const archive = await file((files) => files.delete('repositories'));
  const description = await describeImage(`docker-archive:${archive}`);
  expect(description.layers.map(({ id }) => id)).toEqual(ids);
  expect(description.repoTags).toEqual([]);
});

test('the id of a layer that has a tag of its own chooses it, and it has the tag', async () => {
  const archive = await file((files) =>
    files.set('repositories', json({ app: { 1: ids[2] }, base: { old: ids[0] } })),
  );
  const whole = await describeImage(`docker-archive:${archive}:app:1`);
  expect(whole.layers.map(({ tags }) => tags)).toEqual([['base:old'], [], ['app:1']]);
  const base = await describeImage(`docker-archive:${archive}:${ids[0]}`);
  expect(base.layers.map(({ id }) => id)).toEqual([ids[0]]);
});

test('the digest stands for the layers too, not for the description alone', async () => {
  const digestOf = async (archive: string) => (await describeImage(`docker-archive:${archive}`)).digest;
  const other = await file((files) => files.set(`${ids[1]}/layer.tar`, layer().file('other').tar()));
  expect(await digestOf(other)).not.toBe(await digestOf(await file()));
  expect(await digestOf(await file())).toBe(await digestOf(await file()));
});

test('a compressed layer has the diff id of what it unpacks to', async () => {
  const { tar, diffId } = image.layers[1];
  const archive = await file((files) => files.set(`${ids[1]}/layer.tar`, gzipSync(tar)));
  expect((await describeImage(`docker-archive:${archive}`)).layers[1].diffId).toBe(diffId);
});

const parent = (id: string, of: string) => (files: ArchiveFiles) =>
  files.set(`${id}/json`, json({ ...JSON.parse(String(files.get(`${id}/json`))), parent: of }));

test.each<[string, (files: ArchiveFiles) => void, string, RegExp]>([
  ['an image that is its own ancestor', parent(ids[0], ids[2]), 'MANIFEST_INVALID', /its own ancestor/],
  ['a parent that is not there', (files) => files.delete(`${ids[0]}/json`), 'BLOB_MISSING', /ancestor/],
  ['a parent that is no id', parent(ids[0], '../../etc'), 'MANIFEST_INVALID', /no image id/],
  [
    'a layer that is not there',
    (files) => files.delete(`${ids[1]}/layer.tar`),
    'BLOB_MISSING',
    /layer 1 of 3/,
  ],
  [
    'a tag of nothing',
    (files) => files.set('repositories', json({ app: { 1: 'f'.repeat(64) } })),
    'BLOB_MISSING',
    /ffff/,
  ],
])('%s', async (_, change, code, says) => {
  const archive = await file(change);
  await expect(openImage(`docker-archive:${archive}`)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(says),
  });
});

test('without tags, an archive that was cut off may be one of a newer engine', async () => {
  const archive = await file((files) => files.delete('repositories'), 0);
  await expect(openImage(`docker-archive:${archive}`)).rejects.toMatchObject({ code: 'ARCHIVE_TRUNCATED' });
});
