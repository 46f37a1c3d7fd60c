import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compressed } from '../images/compressed.ts';
import { type Layer, layer } from '../images/layer.ts';
import { needs } from '../parts/needs.ts';
import { compareTrees } from './compare-trees.ts';
import { treeOfFolder } from './folder-tree.ts';
import { treeOfTar } from './tar-tree.ts';

const long = `${'directory/'.repeat(20)}${'n'.repeat(200)}`;
const latin1 = Buffer.from('caf\xe9', 'latin1');

/** One of everything, in a root of its own, as a tar that GNU tar extracts as it stands. */
function everything(dialect: 'pax' | 'gnu'): Layer {
  return layer()
    .directory('.', { mode: 0o751, mtime: 1000 })
    .directory('d', { mode: 0o1777, uid: 7, gid: 8, mtime: 1_600_000_000 })
    .file('d/file', 'hello', { mode: 0o4755, uid: 70_000, dialect })
    .file('d/empty', '', { mode: 0, dialect })
    .file('d/old', 'x', { mtime: -86_400, dialect })
    .file('d/owner', 'x', { uid: 3_000_000, gid: 4_000_000, dialect })
    .file(latin1, 'name that is no UTF-8', { dialect })
    .file('back\\slash\nnewline', 'awkward', { dialect })
    .file('capable', 'x', { dialect, xattrs: { 'user.binary': Buffer.from([0x3d, 0x0a, 0, 0xff]) } })
    .symlink('d/link', 'nowhere', { dialect })
    .symlink('d/longlink', long, { dialect })
    .hardlink('d/hard', 'd/file', { dialect })
    .hardlink('d/hardsym', 'd/link', { dialect })
    .fifo('d/fifo', { dialect })
    .device('d/null', 'char', 1, 3, { mode: 0o666, dialect })
    .device('d/disk', 'block', 259, 70_000, { dialect })
    .directory('directory', { dialect })
    .file('directory/x', 'x', { dialect });
}

const sparse = {
  size: 3_000_000,
  pieces: [0, 1, 2, 3, 4, 5].map((index) => ({ offset: index * 500_000, content: `${index}`.repeat(1024) })),
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dimgx-trees-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function extracted(name: string, tar: Buffer): string {
  const file = join(folder, `${name}.tar`);
  const root = join(folder, name);
  writeFileSync(file, tar);
  execFileSync('mkdir', [root]);
  // These tars come back to folders that they had left, whose times GNU tar has set by then unless told to wait.
  const faithfully = ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--delay-directory-restore'];
  execFileSync('tar', ['-xpf', file, '-C', root, ...faithfully], { stdio: ['ignore', 'ignore', 'pipe'] });
  return root;
}

needs('root', 'python')('a tar and what GNU tar extracts from it are one tree', () => {
  const pax = everything('pax').file('d/fraction', 'x', { mtime: 1_600_000_000.25 });
  test.each([
    ['PAX headers', 'pax', pax],
    ['GNU headers', 'gnu', everything('gnu')],
    ['sparse, old GNU form', 'sparse-old', layer().sparse('s', sparse, 'gnu-old').file('after', 'x')],
    ['sparse, PAX form 1.0', 'sparse-pax', layer().sparse('s', sparse, 'pax-1.0').file('after', 'x')],
  ])('%s', async (_, name, built) => {
    const tar = built.tar();
    const fromTar = await treeOfTar(tar);
    expect(compareTrees(fromTar, await treeOfFolder(extracted(name, tar)))).toEqual([]);
  });

  test('long names, whose directories have no entries', async () => {
    const tar = layer().file(long, 'pax').file(`${long}2`, 'gnu', { dialect: 'gnu' }).tar();
    const fromTar = await treeOfTar(tar);
    expect(fromTar.get(long)?.size).toBe(3);
    expect(compareTrees(fromTar, await treeOfFolder(extracted('long', tar)))).toEqual([]);
  });
});

describe('a tar that extractors stumble over', () => {
  test.each([
    ['a duplicate', layer().file('a').file('a'), ['twice: a']],
    [
      'a child of a directory that was left',
      layer().directory('d').file('d/a').file('e').file('d/b'),
      ['in a directory that was left: d/b'],
    ],
    ['a child before its directory', layer().file('d/a'), ['before its directory: d/a']],
    ['a link before its target', layer().hardlink('b', 'a'), ['hard link to what is not there: b to a']],
    ['an entry below a file', layer().file('a').file('a/b'), ['below a file: a/b']],
    [
      'odd names',
      layer().file('/a').file('b//c'),
      ['odd name: /a', 'odd name: b//c', 'before its directory: b/c'],
    ],
    ['an unknown type', layer().entry({ name: 'a', type: 'Z' }), ['unknown type Z: a']],
  ])('%s', async (_, built, problems) => {
    expect((await treeOfTar(built.tar())).problems).toEqual(problems);
  });
});

describe('differences between trees', () => {
  const base = layer().directory('d').file('d/a', 'one').hardlink('d/b', 'd/a');
  test.each([
    ['none', base, []],
    [
      'content',
      layer().directory('d').file('d/a', 'two').hardlink('d/b', 'd/a'),
      [/d\/a: sha256/, /d\/b: sha256/],
    ],
    ['a name', base.file('c'), [/^c: only on the right, a file$/]],
    [
      'links',
      layer().directory('d').file('d/a', 'one').file('d/b', 'one'),
      [/d\/a: hard links/, /d\/b: hard/],
    ],
    ['mode', layer().directory('d', { mode: 0o700 }).file('d/a', 'one').hardlink('d/b', 'd/a'), [/^d: mode/]],
    ['type', layer().directory('d').fifo('d/a').hardlink('d/b', 'd/a'), Array(6).fill(/type|sha256|size/)],
    [
      'mtime',
      layer().directory('d', { mtime: 0.5 }).file('d/a', 'one').hardlink('d/b', 'd/a'),
      [/^d: mtime/],
    ],
    [
      'an attribute',
      layer()
        .directory('d')
        .file('d/a', 'one', { xattrs: { 'user.x': '1' } })
        .hardlink('d/b', 'd/a'),
      [/xattrs {2}\| user.x=31/, /xattrs/],
    ],
  ])('%s', async (_, other, expected) => {
    const differences = compareTrees(await treeOfTar(base.tar()), await treeOfTar(other.tar()));
    expect(differences).toHaveLength(expected.length);
    for (const [index, pattern] of expected.entries()) expect(differences[index]).toMatch(pattern);
  });
});

test.each(['none', 'gzip', 'zstd', 'xz', 'bzip2'] as const)(
  'a tar compressed with %s',
  async (compression) => {
    const tree = await treeOfTar(compressed(layer().file('a', 'b').tar(), compression));
    expect(tree.paths()).toEqual(['', 'a']);
  },
);

test('a tar that ends within a file is an error', async () => {
  const tar = layer().file('a', Buffer.alloc(2000)).tar().subarray(0, 1024);
  await expect(treeOfTar(tar)).rejects.toThrow('ends within a');
});
