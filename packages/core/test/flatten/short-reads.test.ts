import { promisify } from 'node:util';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociArchive } from '../../../../test/support/images/oci-layout.ts';
import type { LayerSpec } from '../../../../test/support/images/test-image.ts';
import { openImage } from '../../src/source/open-image.ts';
import { testFolder, written } from '../source/test-sources.ts';
import { flatten, flattenOpened } from './flattened.ts';

/** Every read gives one byte, as a file system may: readers take what they get and come back for more. */
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof import('node:fs')>();
  const readSync = (fd: number, target: Uint8Array, offset: number, length: number, position: number) =>
    fs.readSync(fd, target, offset, Math.min(length, 1), position);
  const read = Object.assign(() => {}, {
    [promisify.custom]: async (
      fd: number,
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
    ) => ({
      bytesRead: readSync(fd, buffer, offset, length, position),
      buffer,
    }),
  });
  return { ...fs, readSync, read };
});

const first = layer().directory('d').file('d/a', 'one').symlink('l', 'd').file('x'.repeat(120), 'long');
const second = layer().whiteout('d/a').file('l/b', 'x'.repeat(600)).hardlink('c', 'd/b');
const [one, two] = [first.tar(), second.tar()];
const halves = [one.subarray(0, 700), one.subarray(700)] as const;

test.each<[string, LayerSpec]>([
  ['plain', first],
  ['gzip', { tar: one, compression: 'gzip' }],
  [
    'gzip in two members and zeros',
    { tar: one, blob: Buffer.concat([...halves.map((half) => gzipSync(half)), Buffer.alloc(9)]) },
  ],
  ['zstd', { tar: one, compression: 'zstd' }],
  ['zstd in two frames', { tar: one, blob: Buffer.concat(halves.map((half) => zstdCompressSync(half))) }],
  ['xz', { tar: one, compression: 'xz' }],
  ['bzip2', { tar: one, compression: 'bzip2' }],
])('a layer that is read byte by byte: %s', async (_, spec) => {
  await expectRead(dockerArchive({ layers: [spec, second], tags: ['a:1'] }, 'docker-25'), [one, two]);
});

const image = { layers: [first, second], tags: ['a:1'] };

test.each<[string, Buffer]>([
  ['docker 1.10', dockerArchive(image, 'docker-1.10')],
  ['legacy', dockerArchive(image, 'legacy')],
  ['OCI', ociArchive(image)],
  ['gzip', gzipSync(dockerArchive(image, 'docker-25'))],
  ['zstd', zstdCompressSync(dockerArchive(image, 'docker-25'))],
])('an archive that is read byte by byte: %s', async (_, archive) => {
  await expectRead(archive, [one, two]);
});

async function expectRead(archive: Buffer, tars: readonly Buffer[]): Promise<void> {
  const folder = await testFolder();
  const opened = await openImage(`docker-archive:${await written(folder, archive)}`, folder);
  expect((await flattenOpened(opened)).tar.equals((await flatten(tars)).tar)).toBe(true);
}
