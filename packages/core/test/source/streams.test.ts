import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { compressed, type TestCompression } from '../../../../test/support/images/compressed.ts';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociArchive } from '../../../../test/support/images/oci-layout.ts';
import { testImage } from '../../../../test/support/images/test-image.ts';
import type { Progress } from '../../src/flatten/progress.ts';
import { openArchiveStream } from '../../src/source/archive-file.ts';
import { stdinSource } from '../../src/source/archive-source.ts';
import { openImage } from '../../src/source/open-image.ts';
import type { Source, SourceOptions } from '../../src/source/source.ts';
import {
  opened,
  openFilesBelow,
  readAndClose,
  type TestFolder,
  testFolder,
  written,
} from './test-sources.ts';

const spec = { layers: [layer().file('a', 'x'.repeat(1_000_000))], tags: ['app:1'] };
const image = testImage(spec);
const archive = dockerArchive(image, 'docker-25');
const tars = image.layers.map(({ tar }) => tar);

function streamSource(stream: Readable, options: SourceOptions): Source {
  return stdinSource(options, () => openArchiveStream(stream, 'the archive on stdin', options));
}

async function openedStream(stream: Readable, folder: TestFolder, signal = new AbortController().signal) {
  const source = streamSource(stream, { ...folder, signal });
  try {
    return await readAndClose(await source.open());
  } finally {
    await source.close();
  }
}

async function nothingIsLeft(folder: TestFolder): Promise<void> {
  expect(openFilesBelow(folder)).toEqual([]);
  expect(await readdir(folder.spoolFolder)).toEqual([]);
}

test('several images on stdin are listed as they can be named there', async () => {
  const folder = await testFolder();
  const several = dockerArchive(
    [image, testImage({ ...spec, tags: ['b:1'], created: '2022-01-01T00:00:00Z' })],
    'docker-25',
  );
  await expect(openedStream(Readable.from([several]), folder)).rejects.toMatchObject({
    code: 'IMAGE_AMBIGUOUS',
    message: expect.stringMatching(
      /; name one of docker-archive:\/dev\/stdin:app:1, docker-archive:\/dev\/stdin:b:1$/,
    ),
  });
  await nothingIsLeft(folder);
});

test.each([
  ['a docker archive', archive],
  ['an OCI archive', ociArchive(spec)],
  ['a compressed archive', gzipSync(archive)],
])('%s that comes as a stream is spooled and read', async (_, bytes) => {
  const folder = await testFolder();
  const { layers, description } = await openedStream(Readable.from([bytes]), folder);
  expect(layers).toEqual(tars);
  expect(description.reference).toBe('-');
  await nothingIsLeft(folder);
});

test('a stream of single bytes is the same', async () => {
  const folder = await testFolder();
  const small = testImage({ layers: [layer().file('a')] });
  const bytes = [...dockerArchive(small, 'docker-1.10')].map((byte) => Buffer.of(byte));
  const { layers } = await openedStream(Readable.from(bytes), folder);
  expect(layers).toEqual([small.layers[0].tar]);
});

test.each<TestCompression>(['gzip', 'zstd', 'xz', 'bzip2'])(
  'an archive compressed whole with %s',
  async (how) => {
    const folder = await testFolder();
    const file = await written(folder, compressed(archive, how));
    const { layers, description } = await opened(`docker-archive:${file}`, folder);
    expect(layers).toEqual(tars);
    expect(description.repoTags).toEqual(['app:1']);
    await nothingIsLeft(folder);
  },
);

test('an archive in several zstd frames', async () => {
  const folder = await testFolder();
  const frames = [archive.subarray(0, 5000), archive.subarray(5000)].map((part) => zstdCompressSync(part));
  const file = await written(folder, Buffer.concat(frames));
  expect((await opened(`docker-archive:${file}`, folder)).layers).toEqual(tars);
});

test.each([
  ['cut', gzipSync(archive).subarray(0, 500)],
  ['damaged', Buffer.concat([gzipSync(archive).subarray(0, 200), Buffer.alloc(500, 0xff)])],
])('a compressed archive that is %s', async (_, bytes) => {
  const folder = await testFolder();
  const file = await written(folder, bytes);
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({
    code: 'COMPRESSION_INVALID',
    message: expect.stringContaining(file),
  });
  await nothingIsLeft(folder);
});

test('an archive that unpacks to thousands of times its size is not unpacked', async () => {
  const folder = await testFolder();
  const file = await written(folder, zstdCompressSync(Buffer.alloc(70 * 2 ** 20)));
  await expect(openImage(`docker-archive:${file}`, folder)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  await nothingIsLeft(folder);
});

test('an archive in a pipe is spooled and read', async () => {
  const folder = await testFolder();
  const pipe = `${folder.path}/pipe`;
  execFileSync('mkfifo', [pipe]);
  const opening = opened(`docker-archive:${pipe}`, folder);
  createWriteStream(pipe).end(archive);
  expect((await opening).layers).toEqual(tars);
  await nothingIsLeft(folder);
});

test('waiting for somebody to write into a pipe ends with an abort', async () => {
  const folder = await testFolder();
  const pipe = `${folder.path}/pipe`;
  execFileSync('mkfifo', [pipe]);
  const controller = new AbortController();
  const opening = openImage(`docker-archive:${pipe}`, { ...folder, signal: controller.signal });
  await expect.poll(() => openFilesBelow(folder)).toContain(pipe);
  controller.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  await expect.poll(() => openFilesBelow(folder)).toEqual([]);
});

test.each<[situation: string, options: (folder: TestFolder) => Partial<SourceOptions>]>([
  ['nobody wants it any more', () => ({ signal: AbortSignal.abort(new Error('enough')) })],
  ['there is no folder to copy it to', ({ path }) => ({ spoolFolder: `${path}/none` })],
])('a pipe is closed unread where %s', async (_situation, options) => {
  const folder = await testFolder();
  const pipe = `${folder.path}/pipe`;
  execFileSync('mkfifo', [pipe]);
  await expect(openImage(`docker-archive:${pipe}`, { ...folder, ...options(folder) })).rejects.toThrow();
  expect(openFilesBelow(folder)).toEqual([]);
});

test('an abort in mid-stream leaves nothing', async () => {
  const folder = await testFolder();
  const controller = new AbortController();
  const stream = new PassThrough();
  const opening = openedStream(stream, folder, controller.signal);
  stream.write(archive.subarray(0, 100_000));
  await expect.poll(() => openFilesBelow(folder)).toHaveLength(1);
  controller.abort(new Error('enough'));
  await expect(opening).rejects.toThrow('enough');
  expect(stream.destroyed).toBe(true);
  await nothingIsLeft(folder);
});

test('a signal that was aborted before leaves the stream unread', async () => {
  const folder = await testFolder();
  const stream = new PassThrough();
  await expect(openedStream(stream, folder, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
    'enough',
  );
  await nothingIsLeft(folder);
});

test('a stream that fails leaves nothing, and its error is told', async () => {
  const folder = await testFolder();
  const stream = new PassThrough();
  const opening = openedStream(stream, folder);
  stream.write(archive.subarray(0, 100_000));
  await expect.poll(() => openFilesBelow(folder)).toHaveLength(1);
  stream.destroy(new Error('broken'));
  await expect(opening).rejects.toThrow('broken');
  await nothingIsLeft(folder);
});

test('a spool folder that takes no files is an error', async () => {
  const folder = await testFolder();
  const stream = Readable.from([archive]);
  const attempt = openedStream(stream, { ...folder, spoolFolder: `${folder.path}/none` });
  await expect(attempt).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  expect(stream.destroyed).toBe(true);
});

test('progress counts the bytes of the stream, and tells the last figure', async () => {
  const folder = await testFolder();
  const told: Progress[] = [];
  const { signal } = new AbortController();
  const source = streamSource(Readable.from([archive]), {
    ...folder,
    signal,
    onProgress: (each) => told.push(each),
  });
  await source.describe();
  await source.close();
  expect(told.at(-1)).toEqual({ phase: 'fetch', bytes: archive.length, entries: 0 });
});
