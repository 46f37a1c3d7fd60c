import { readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ArchiveFiles, archiveOf } from '../../../../test/support/images/archive-files.ts';
import type { TestCompression } from '../../../../test/support/images/compressed.ts';
import {
  type DockerArchiveForm,
  dockerArchiveFiles,
} from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociLayoutFiles } from '../../../../test/support/images/oci-layout.ts';
import type { ImageSpec } from '../../../../test/support/images/test-image.ts';
import { DimgxError } from '../../src/errors.ts';
import { openImage } from '../../src/source/open-image.ts';
import { flattenOpened } from '../flatten/flattened.ts';
import { openFilesBelow, type TestFolder, testFolder } from '../source/test-sources.ts';

function imageOf(compressions: readonly TestCompression[]): ImageSpec {
  const layers = compressions.map((compression, index) => ({
    tar: layer().directory('d').file(`d/${index}`, `${compression} `.repeat(100)).file('same', compression),
    compression,
  }));
  return { layers, tags: ['app:1'] };
}

const image = imageOf(['none', 'gzip', 'zstd']);

/** In how many places each file is cut, and changed. */
const PLACES = 16;

async function outcome(archive: Buffer, folder: TestFolder): Promise<Buffer | string> {
  const path = `${folder.path}/image.tar`;
  writeFileSync(path, archive);
  try {
    return (await flattenOpened(await openImage(`docker-archive:${path}`, folder))).tar;
  } catch (error) {
    if (!(error instanceof DimgxError) || error.code === 'INTERNAL') throw error;
    return error.code;
  } finally {
    expect([...openFilesBelow(folder), ...readdirSync(folder.spoolFolder)]).toEqual([]);
  }
}

function* damages(content: Buffer, places = PLACES): Generator<Buffer> {
  const step = Math.max(1, Math.ceil(content.length / places));
  for (let at = 0; at < content.length; at += step) {
    yield content.subarray(0, at);
    const flipped = Buffer.from(content);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 0x04, at);
    yield flipped;
  }
  yield Buffer.concat([content, Buffer.from('x')]);
}

function filesOf(form: DockerArchiveForm | 'oci'): ArchiveFiles {
  return form === 'oci' ? ociLayoutFiles(image) : dockerArchiveFiles(image, form);
}

/** Documents that nothing vouches for: a change of them may go unseen, but does not change the tree. */
const unsigned = /^(?:manifest\.json|index\.json|repositories|oci-layout|.*\/VERSION|.*\/json)$/;

test.each(['docker-1.10', 'docker-25', 'oci'] as const)(
  'any file of the archive damaged: %s',
  async (form) => {
    const folder = await testFolder();
    const files = filesOf(form);
    const whole = await outcome(archiveOf(files), folder);
    for (const [name, content] of files) {
      if (!Buffer.isBuffer(content) || content.length === 0) continue;
      for (const damaged of damages(content)) {
        const result = await outcome(archiveOf(new Map(files).set(name, damaged)), folder);
        expect(isToldOrHarmless(result, whole)).toBe(true);
        expect(typeof result === 'string' || unsigned.test(name), `${name} is damaged, unseen`).toBe(true);
      }
      expect(isToldOrHarmless(await outcome(archiveOf(without(files, name)), folder), whole)).toBe(true);
    }
  },
);

test.each(['xz', 'bzip2'] as const)(
  'a layer damaged whose compression a tool undoes: %s',
  async (compression) => {
    const folder = await testFolder();
    const files = dockerArchiveFiles(imageOf([compression]), 'docker-1.10');
    const whole = await outcome(archiveOf(files), folder);
    const [name, content] = [...files].find(([path]) => path.endsWith('/layer.tar')) ?? [];
    for (const damaged of damages(content as Buffer, 6)) {
      const result = await outcome(archiveOf(new Map(files).set(name ?? '', damaged)), folder);
      // bzip2 ignores what stands behind the end.
      expect(isToldOrHarmless(result, whole)).toBe(true);
    }
  },
);

function isToldOrHarmless(result: Buffer | string, whole: Buffer | string): boolean {
  return typeof result === 'string' || (Buffer.isBuffer(whole) && result.equals(whole));
}

function without(files: ArchiveFiles, name: string): ArchiveFiles {
  const rest = new Map(files);
  rest.delete(name);
  return rest;
}

test.each(['docker-1.10', 'docker-25', 'oci'] as const)(
  'the archive itself cut or damaged: %s',
  async (form) => {
    const folder = await testFolder();
    const archive = archiveOf(filesOf(form));
    const whole = await outcome(archive, folder);
    for (const damaged of damages(archive, 60)) {
      expect(isToldOrHarmless(await outcome(damaged, folder), whole)).toBe(true);
    }
  },
);
