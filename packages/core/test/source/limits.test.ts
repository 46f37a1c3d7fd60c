import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { archiveOf } from '../../../../test/support/images/archive-files.ts';
import {
  dockerArchive,
  dockerArchiveFiles,
  layerFolders,
} from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { testImage } from '../../../../test/support/images/test-image.ts';
import type { LimitName } from '../../src/flatten/limits.ts';
import { openImage } from '../../src/source/open-image.ts';
import { openFilesBelow, testFolder, written } from './test-sources.ts';

interface Row {
  readonly case: string;
  readonly archive: Buffer;
  readonly limit: LimitName;
  readonly most: number;
  readonly code?: 'SYMLINK_LOOP';
}

const image = testImage({ layers: [layer().file('a', 'one'), layer().file('b', Buffer.alloc(100_000))] });
const archive = dockerArchive(image, 'docker-25');

function withFile(name: string): Buffer {
  return archiveOf(dockerArchiveFiles(image, 'docker-25').set(name, Buffer.alloc(0)));
}

function withLinks(): Buffer {
  const files = dockerArchiveFiles(image, 'docker-1.10');
  const [one] = layerFolders(image);
  const tar = files.get(`${one}/layer.tar`) ?? Buffer.alloc(0);
  return archiveOf(
    files.set('tar', tar).set('link', { symlink: 'tar' }).set(`${one}/layer.tar`, { symlink: '../link' }),
  );
}

const zeros = gzipSync(Buffer.alloc(70 * 2 ** 20), { level: 1 });

const rows: Row[] = [
  { case: 'a path', archive: withFile('x'.repeat(90)), limit: 'pathBytes', most: 80 },
  { case: 'a long name', archive: withFile('x'.repeat(3000)), limit: 'headerBytes', most: 1000 },
  { case: 'symlinks to a layer', archive: withLinks(), limit: 'symlinkHops', most: 1, code: 'SYMLINK_LOOP' },
  { case: 'what is unpacked', archive: gzipSync(archive), limit: 'uncompressedBytes', most: 10_000 },
  { case: 'what grows and grows', archive: zeros, limit: 'compressionRatio', most: 20 },
];

test.each(rows)(
  'past a limit of $case: $limit',
  async ({ archive, limit, most, code = 'LIMIT_EXCEEDED' }) => {
    const folder = await testFolder();
    const reference = `docker-archive:${await written(folder, archive)}`;
    await expect(openImage(reference, { ...folder, limits: { [limit]: most } })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(`image.tar: .*: the limit ${limit} is ${most}; --limits`),
    });
    await expect.poll(() => openFilesBelow(folder)).toEqual([]);
  },
);

test('an archive whose layer is behind links within the limit is read', async () => {
  const folder = await testFolder();
  const opened = await openImage(`docker-archive:${await written(folder, withLinks())}`, folder);
  expect(opened.blobs).toHaveLength(2);
  await opened.close();
});
