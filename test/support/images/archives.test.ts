import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needs } from '../parts/needs.ts';
import { archiveOf, writeFolder } from './archive-files.ts';
import { dockerArchive, dockerArchiveFiles } from './docker-archive.ts';
import { layer } from './layer.ts';
import { ociArchive, ociLayoutFiles } from './oci-layout.ts';
import { type ImageSpec, sha256, testImage } from './test-image.ts';

const below = layer().directory('d').file('d/a', 'one');
const above = layer().whiteout('d/a');
const image: ImageSpec = { layers: [below, above, below], tags: ['app:1'], config: { Cmd: ['sh'] } };
const arm: ImageSpec = { ...image, platform: { architecture: 'arm64', variant: 'v8' } };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimgx-archives-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The config that skopeo finds, after it has found and verified everything else. */
function copied(source: string): unknown {
  const target = mkdtempSync(join(folder, 'copy-'));
  execFileSync('skopeo', ['copy', '--quiet', '--insecure-policy', source, `oci:${target}:x`]);
  return JSON.parse(execFileSync('skopeo', ['inspect', '--config', `oci:${target}:x`], { encoding: 'utf8' }));
}

needs('skopeo')('skopeo copies', () => {
  const diffIds = testImage(image).layers.map(({ diffId }) => diffId);

  test.each(['docker-1.10', 'docker-25'] as const)('an archive of the form %s', (form) => {
    const file = join(folder, `${form}.tar`);
    writeFileSync(file, dockerArchive(image, form));
    expect(copied(`docker-archive:${file}`)).toMatchObject({
      rootfs: { diff_ids: diffIds },
      config: { Cmd: ['sh'] },
    });
  });

  test('one of two images in one archive', () => {
    const file = join(folder, 'two.tar');
    writeFileSync(file, dockerArchive([image, { layers: [below], tags: ['other:2'] }], 'docker-1.10'));
    const expected = { rootfs: { diff_ids: diffIds.slice(0, 1) } };
    expect(copied(`docker-archive:${file}:other:2`)).toMatchObject(expected);
  });

  test.each([
    ['one image', { ...image, tags: ['1'] }],
    ['an index with attestations', { index: [arm, image], tags: ['1'], attestations: true }],
    ['an index whose other platform is absent', { index: [arm, image], tags: ['1'], absent: ['arm64'] }],
    [
      'mixed compression',
      { tags: ['1'], layers: image.layers.map((tar) => ({ tar: tar as Buffer, ...gzip })) },
    ],
  ])('an OCI layout: %s', async (name, content) => {
    const layout = join(folder, name);
    await writeFolder(ociLayoutFiles(content), layout);
    expect(copied(`oci:${layout}:1`)).toMatchObject({ rootfs: { diff_ids: diffIds }, architecture: 'amd64' });
    const file = join(folder, `${name}.tar`);
    writeFileSync(file, ociArchive(content));
    expect(copied(`oci-archive:${file}:1`)).toMatchObject({ rootfs: { diff_ids: diffIds } });
  });
});

const gzip = { compression: 'gzip' } as const;

test('an archive is the same bytes each time', () => {
  expect(sha256(dockerArchive(image, 'docker-1.10'))).toBe(sha256(dockerArchive(image, 'docker-1.10')));
});

test('a layer that comes twice is a symlink to the first in the old form', () => {
  const contents = [...dockerArchiveFiles(image, 'docker-1.10').values()];
  expect(contents.filter((content) => !Buffer.isBuffer(content))).toHaveLength(1);
});

test('the legacy form has no manifest, and each folder names its parent', () => {
  const files = dockerArchiveFiles(image, 'legacy');
  const lines = [...files]
    .filter(([name]) => name.endsWith('/json'))
    .map(([, bytes]) => JSON.parse(String(bytes)));
  expect(files.has('manifest.json')).toBe(false);
  expect(lines.map(({ parent }) => parent)).toEqual([undefined, lines[0].id, lines[1].id]);
  expect(JSON.parse(String(files.get('repositories')))).toEqual({ app: { '1': lines[2].id } });
});

test('a prefix stands before every name', () => {
  const archive = archiveOf(ociLayoutFiles(image), { prefix: './' });
  expect(archive.toString('latin1', 0, 12)).toBe('./oci-layout');
});
