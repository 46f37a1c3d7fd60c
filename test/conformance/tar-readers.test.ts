import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { flattenToFile } from '../support/flattened-file.ts';
import { writeArchive, writeFolder } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { ociLayoutFiles } from '../support/images/oci-layout.ts';
import { unpackedByUmoci } from '../support/judges/umoci.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type Comparison, compareTrees } from '../support/tree/compare-trees.ts';
import { treeOfFolder } from '../support/tree/folder-tree.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';
import type { Tree } from '../support/tree/tree.ts';
import { adversarialImages } from './adversarial-images.ts';

const { own } = watchForLeaks();
const flat = join(own, 'flat.tar');
let tree: Tree;

beforeAll(async () => {
  const layers = adversarialImages.flatMap((image) => image.layers);
  await writeArchive(dockerArchiveFiles({ layers, tags: ['all:1'] }, 'docker-25'), join(own, 'all.tar'));
  await flattenToFile(`docker-archive:${join(own, 'all.tar')}`, flat);
  tree = await treeOfTar(flat);
});

/** What the extractor says, and how what it extracts differs from what the tar says. */
async function extracted(name: string, command: string, args: readonly string[], comparison: Comparison) {
  const root = join(own, name);
  await mkdir(root);
  const { stderr } = await promisify(execFile)(
    command,
    args.map((arg) => (arg === 'ROOT' ? root : arg)),
  );
  return { complaints: stderr, differences: compareTrees(tree, await treeOfFolder(root), comparison) };
}

const nothing = { complaints: '', differences: [] };

needs('root', 'python')('the flattened tar of all adversarial images at once', () => {
  test('has no oddities', () => {
    expect(tree.problems).toEqual([]);
  });

  test('is extracted by GNU tar without a complaint', async () => {
    // Of times before 1970 it says that they are implausible.
    const options = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--warning=no-timestamp'];
    expect(await extracted('gnu', 'tar', ['-xpf', flat, '-C', 'ROOT', ...options], {})).toEqual(nothing);
  });

  test("is extracted by Python's tarfile without a complaint", async () => {
    const script = `
import sys, tarfile
with tarfile.open(sys.argv[1], errorlevel=2) as tar:
    if hasattr(tarfile, 'fully_trusted_filter'):
        tar.extraction_filter = staticmethod(tarfile.fully_trusted_filter)
    tar.extractall(sys.argv[2], numeric_owner=True)
`;
    // tarfile restores neither extended attributes nor the times of symlinks.
    const comparison = { xattrs: 'ignored', mtimes: 'ignored' } as const;
    expect(await extracted('python', '/usr/bin/python3', ['-c', script, flat, 'ROOT'], comparison)).toEqual(
      nothing,
    );
  });
});

needs(
  'root',
  'python',
  'bsdtar',
)('the flattened tar of all adversarial images', () => {
  test('is extracted by bsdtar without a complaint', async () => {
    // -P, or else `C:x` becomes `x`.
    const args = ['-P', '--numeric-owner', '--xattrs', '-xpf', flat, '-C', 'ROOT'];
    const { complaints, differences } = await extracted('bsdtar', 'bsdtar', args, {});
    expect(complaints).toBe('');
    // It leaves the time of the folder that it extracts into alone.
    expect(differences.filter((difference) => !difference.startsWith('.: mtime'))).toEqual([]);
  });
});

needs('umoci', 'python')('the flattened tar as the only layer of an image', () => {
  test('is unpacked by umoci', async () => {
    const layout = join(own, 'layout');
    await writeFolder(ociLayoutFiles({ layers: [readFileSync(flat)], tags: ['flat'] }), layout);
    const unpacked = await unpackedByUmoci(layout, 'flat', join(own, 'umoci'));
    expect(compareTrees(tree, unpacked.tree)).toEqual([]);
  });
});
