import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openImage } from '@dimgx/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { flattenToFile } from '../support/flattened-file.ts';
import { type ArchiveFiles, archiveOf, json, writeFolder } from '../support/images/archive-files.ts';
import { dockerArchive, dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { type Layer, layer } from '../support/images/layer.ts';
import { ociLayoutFiles } from '../support/images/oci-layout.ts';
import { hexOf, testImage } from '../support/images/test-image.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { tarMembers } from '../support/tree/tar-reader.ts';

const { own } = watchForLeaks();
const secret = 'nobody may read this';
let count = 0;
let folder: string;

/** Each test has a folder in a folder, so that there is something outside that a step up would hit. */
beforeEach(() => {
  const outside = join(own, String(count++));
  folder = join(outside, 'inside');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(outside, 'secret'), secret);
});

const outside = (): string[] => readdirSync(join(folder, '..')).sort();
const untouched = ['inside', 'secret'];

describe('entries that climb out of the root', () => {
  const up = '../'.repeat(20);
  test.each<[string, Layer[]]>([
    ['a file', [layer().file(`${up}tmp/evil`, 'x').file('/etc/evil', 'x').file('a/../../../evil', 'x')]],
    ['a directory', [layer().directory(`${up}evil`).directory('/evil2/')]],
    ['a symlink, and a file through it', [layer().symlink('l', `${up}tmp`).file('l/evil', 'x')]],
    [
      'an absolute symlink, and a file through it',
      [layer().symlink('l', '/tmp'), layer().file('l/evil', 'x')],
    ],
    [
      'a chain of symlinks',
      [layer().symlink('a', '..').symlink('b', 'a/..').symlink('c', 'b/../..').file('c/tmp/evil', 'x')],
    ],
    [
      'a hard link to what is outside',
      [layer().file('etc/passwd', 'inside').hardlink('l', `${up}etc/passwd`)],
    ],
    [
      'a hard link through a symlink',
      [layer().directory('etc').file('etc/passwd').symlink('s', '/etc').hardlink('l', 's/passwd')],
    ],
    [
      'a file over a symlink to what is outside',
      [layer().symlink('l', '/etc/passwd'), layer().file('l', 'x')],
    ],
    [
      'a whiteout of what is outside',
      [layer().file('a'), layer().whiteout(`${up}etc/passwd`).whiteout('/a')],
    ],
    ['a PAX path over a tame name', [layer().file('tame', 'x', { pax: { path: `${up}evil` } })]],
    [
      'a sparse file under another name',
      [layer().sparse(`${up}evil`, { size: 4096, pieces: [] }, 'pax-1.0')],
    ],
  ])('%s', async (_, layers) => {
    writeFileSync(join(folder, 'image.tar'), dockerArchive({ layers, tags: ['a:1'] }, 'docker-25'));
    await flattenToFile(`docker-archive:${join(folder, 'image.tar')}`, join(folder, 'flat.tar'));
    const symlinks = new Set<string>();
    for await (const { name, type, link } of tarMembers(piece(readFileSync(join(folder, 'flat.tar'))))) {
      expect(name).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/);
      if (type === '1') expect(link).not.toMatch(/^\/|(?:^|\/)\.\.(?:\/|$)/);
      for (const symlink of symlinks) expect(name.startsWith(`${symlink}/`)).toBe(false);
      if (type === '2') symlinks.add(name);
    }
    mkdirSync(join(folder, 'root'));
    execFileSync('tar', ['-xf', join(folder, 'flat.tar'), '-C', join(folder, 'root')]);
    expect(outside()).toEqual(untouched);
    expect(readdirSync(folder).sort()).toEqual(['flat.tar', 'image.tar', 'root']);
  });
});

async function* piece(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const spec = { layers: [layer().file('a')], tags: ['a:1'] };
const image = testImage(spec);
const [only] = image.layers;

/** An archive whose only layer is what a member of that name is, or leads to. */
function archiveWithLayer(path: string, change: (files: ArchiveFiles) => void = () => {}): Buffer {
  const files = dockerArchiveFiles(image, 'docker-1.10');
  const [entry] = JSON.parse(String(files.get('manifest.json')));
  files.set('manifest.json', json([{ ...entry, Layers: [path] }]));
  change(files);
  return archiveOf(files);
}

describe('archives that lead out of themselves', () => {
  test.each<[string, (path: string) => Buffer]>([
    ['a layer by a path that climbs', () => archiveWithLayer('../secret')],
    ['a layer by an absolute path', (path) => archiveWithLayer(join(path, '../secret'))],
    [
      'a layer that is a symlink out',
      () => archiveWithLayer('x/layer.tar', (files) => files.set('x/layer.tar', { symlink: '../../secret' })),
    ],
    [
      'a layer that is an absolute symlink',
      (path) =>
        archiveWithLayer('x/layer.tar', (files) =>
          files.set('x/layer.tar', { symlink: join(path, '../secret') }),
        ),
    ],
    [
      'a layer below a symlinked folder',
      (path) => archiveWithLayer('x/secret', (files) => files.set('x', { symlink: join(path, '..') })),
    ],
  ])('%s', async (_, archive) => {
    writeFileSync(join(folder, 'image.tar'), archive(folder));
    await expectNothingOf(`docker-archive:${join(folder, 'image.tar')}`);
  });

  test.each<[string, string]>([
    ['a blob of a layout that is a symlink out', `blobs/sha256/${hexOf(only.digest)}`],
    ['the index', 'index.json'],
  ])('%s', async (_, name) => {
    const layout = join(folder, 'layout');
    await writeFolder(new Map([...ociLayoutFiles(spec)].filter(([path]) => path !== name)), layout);
    symlinkSync(join(folder, '../secret'), join(layout, name));
    await expectNothingOf(`oci:${layout}`);
  });

  test('the folder of the blobs', async () => {
    const layout = join(folder, 'layout');
    const files = [...ociLayoutFiles(spec)];
    await writeFolder(new Map(files.filter(([name]) => !name.startsWith('blobs/'))), layout);
    await writeFolder(
      new Map(files.filter(([name]) => name.startsWith('blobs/'))),
      join(folder, '..', 'inside'),
    );
    symlinkSync('../blobs', join(layout, 'blobs'));
    await expectNothingOf(`oci:${layout}`);
  });
});

/** The image can't be opened, for want of what lies outside, and the error tells nothing of that. */
async function expectNothingOf(reference: string): Promise<void> {
  const error = await openImage(reference).then(
    async (opened) => {
      await opened.close();
      throw new Error('it was opened');
    },
    (fault: unknown) => fault,
  );
  expect(error).toMatchObject({ code: expect.stringMatching(/^(?:BLOB_MISSING|ARCHIVE_INVALID)$/) });
  expect(String(error)).not.toContain(secret);
  expect(outside()).toEqual(untouched);
}
