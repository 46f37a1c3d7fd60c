import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { flattenToFile } from '../support/flattened-file.ts';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { compareTrees } from '../support/tree/compare-trees.ts';
import { treeOfFolder } from '../support/tree/folder-tree.ts';

const { own } = watchForLeaks();
const source = join(own, 'source');

beforeAll(() => {
  mkdirSync(join(source, 'd/e'), { recursive: true });
  writeFileSync(join(source, 'd/file'), 'content');
  linkSync(join(source, 'd/file'), join(source, 'd/link'));
  symlinkSync('../d/file', join(source, 'd/e/symlink'));
  chmodSync(join(source, 'd/e'), 0o1777);
  writeFileSync(join(source, 'd', 'é'.repeat(60)), 'a long name that is not ASCII');
  // Of more stretches than the header of the old form holds, with a hole at the end.
  const sparse = join(source, 'sparse');
  writeFileSync(sparse, '');
  truncateSync(sparse, 4_000_000);
  execFileSync('bash', [
    '-c',
    `for i in {0..29}; do printf stretch | dd of=${sparse} bs=64k seek=$i conv=notrunc status=none; done`,
  ]);
});

needs(
  'root',
  'python',
  'bsdtar',
)('a layer as it is written by', () => {
  const gnu = (...args: string[]) => ['tar', '--sort=name', ...args] as const;
  test.each<[string, readonly string[]]>([
    ['GNU tar, its own format, sparse', gnu('--format=gnu', '-S')],
    ['GNU tar, its old format, sparse', gnu('--format=oldgnu', '-S')],
    ['GNU tar, PAX, sparse 0.0', gnu('--format=posix', '-S', '--sparse-version=0.0')],
    ['GNU tar, PAX, sparse 0.1', gnu('--format=posix', '-S', '--sparse-version=0.1')],
    ['GNU tar, PAX, sparse 1.0', gnu('--format=posix', '-S', '--sparse-version=1.0')],
    ['bsdtar, PAX', ['bsdtar', '--format=pax']],
    ['bsdtar, GNU', ['bsdtar', '--format=gnutar']],
  ])('%s', async (name, [command = '', ...args]) => {
    const folder = join(own, name);
    mkdirSync(join(folder, 'root'), { recursive: true });
    execFileSync(command, [...args, '-cf', join(folder, 'layer.tar'), '-C', source, '.']);
    const image = { layers: [readFileSync(join(folder, 'layer.tar'))], tags: ['a:1'] };
    await writeArchive(dockerArchiveFiles(image, 'docker-25'), join(folder, 'image.tar'));
    await flattenToFile(`docker-archive:${join(folder, 'image.tar')}`, join(folder, 'flat.tar'));
    execFileSync('tar', ['-xpf', join(folder, 'flat.tar'), '-C', join(folder, 'root')]);
    const [before, after] = [await treeOfFolder(source), await treeOfFolder(join(folder, 'root'))];
    expect(compareTrees(after, before, { mtimes: 'seconds' })).toEqual([]);
  });
});
