import { describe, expect, test } from 'vitest';
import { layer } from '../../../../test/support/images/layer.ts';
import { headerBlock, sealed } from '../../../../test/support/images/tar-entry.ts';
import { treeOfTar } from '../../../../test/support/tree/tar-tree.ts';
import { flatten } from './flattened.ts';

const long = `${'deep/'.repeat(30)}${'n'.repeat(120)}`;
const notUtf8 = Buffer.from([0x62, 0xe9, 0xff, 0x2e]);
const longNotUtf8 = Buffer.concat([Buffer.from('l'.repeat(120)), notUtf8]);
const binary = Buffer.from([1, 0, 10, 61, 255, 254]);

const entries = layer()
  .directory('./', { mode: 0o711, uid: 5, mtime: 12 })
  .directory('d', { mode: 0o1777, uid: 3_000_000, gid: 4_000_000, mtime: 1.25 })
  .file('d/suid', 'one', { mode: 0o6755, mtime: -86_400 })
  .file('d/xattr', 'two', { xattrs: { 'security.capability': binary, 'user.a': 'x=y\nz' } })
  .file('gnu', 'new', { dialect: 'gnu', uid: 3_000_000, mtime: 2 ** 34 })
  .file(long, 'long')
  .file(longNotUtf8, 'three', { dialect: 'gnu' })
  .symlink('link', 'x'.repeat(150))
  .device('d/null', 'char', 1, 3)
  .device('d/disk', 'block', 300, 70_000, { dialect: 'gnu' })
  .fifo('d/fifo')
  .sparse(
    'd/holes',
    { size: 1_000_000, pieces: [{ offset: 500_000, content: Buffer.from('middle') }] },
    'gnu-old',
  )
  .sparse(
    'd/holes2',
    { size: 1_000_000, pieces: [{ offset: 500_000, content: Buffer.from('middle') }] },
    'pax-1.0',
  );

async function nodes(tar: Buffer): Promise<unknown[]> {
  const tree = await treeOfTar(tar);
  expect(tree.problems).toEqual([]);
  return tree.paths().map((path) => [path, tree.get(path)]);
}

describe('metadata', () => {
  test('passes unchanged, to the byte, where nothing has to change', async () => {
    const plain = layer()
      .directory('d')
      .file('d/a', 'one', { xattrs: { 'user.x': binary }, mtime: 1.5 })
      .tar();
    const { tar } = await flatten([plain]);
    expect(tar.equals(plain)).toBe(true);
  });

  test('of all kinds is what it was', async () => {
    const bare = await nodes((await flatten([entries])).tar);
    const wanted = await treeOfTar(entries.tar());
    // Implied directories of the long path have no entry in the input.
    const explicit = wanted.paths().filter((path) => wanted.get(path)?.implied !== true);
    expect(bare).toEqual(expect.arrayContaining(explicit.map((path) => [path, wanted.get(path)])));
  });

  test('survives a rename of every entry', async () => {
    const below = layer().directory('usr').symlink('moved', 'usr');
    const moved = [
      layer().directory('./moved/d', { mode: 0o1777, uid: 3_000_000, mtime: 1.25 }),
      layer().file('./moved/d/xattr', 'two', { xattrs: { 'security.capability': binary }, mode: 0o4711 }),
      layer().file(`./moved/${'p'.repeat(140)}`, 'three', { mtime: 1.5 }),
      layer().file(Buffer.concat([Buffer.from('./moved/'), longNotUtf8]), 'three', { dialect: 'gnu' }),
      layer().symlink('./moved/link', 'x'.repeat(150)),
      layer().device('./moved/disk', 'block', 300, 70_000, { dialect: 'gnu' }),
      layer().sparse(
        './moved/holes',
        { size: 100_000, pieces: [{ offset: 50_000, content: Buffer.from('x') }] },
        'gnu-old',
      ),
      layer().sparse(
        './moved/holes2',
        { size: 100_000, pieces: [{ offset: 50_000, content: Buffer.from('x') }] },
        'pax-1.0',
      ),
    ];
    for (const one of moved) {
      const [[from, original]] = (await nodesOf(one.tar())).slice(-1);
      const flat = await treeOfTar((await flatten([below, one])).tar);
      expect(flat.problems).toEqual([]);
      expect([from, flat.get(from.replace('moved/', 'usr/'))]).toEqual([from, original]);
    }
  });

  test('of PAX records that nobody asks for is kept, also under another name', async () => {
    const records = {
      'LIBARCHIVE.xattr.user.b': 'YT1iCmM',
      'LIBARCHIVE.creationtime': '1500000000.123456789',
      'SCHILY.dev': '64768',
      'SCHILY.fflags': 'nodump',
      uid: '4000000000',
      gid: '4294967295',
      uname: 'näme',
      mtime: '1500000000.123456789',
      atime: '-1.5',
    };
    const { tar } = await flatten([layer().symlink('l', 'd').file('l/a', 'one', { pax: records })]);
    for (const [key, value] of Object.entries(records))
      expect(tar.toString()).toContain(` ${key}=${value}\n`);
    expect((await treeOfTar(tar)).get('d/a')).toMatchObject({ uid: 4e9, mtime: 1_500_000_000_123_456_789n });
  });

  test('survives where Go wrote a prefix into a GNU header, which is then not read twice', async () => {
    const attributes = { type: '0', mode: 0o644, uid: 0, gid: 0, mtime: 0, dialect: 'gnu' } as const;
    const block = headerBlock({ ...attributes, name: 'name' }, 0);
    block.write('some/prefix', 345, 'latin1');
    const { tar } = await flatten([sealed(block)]);
    expect((await treeOfTar(tar)).get('some/prefix/name')).toMatchObject({ type: 'file' });
    expect((await flatten([tar])).tar.equals(tar)).toBe(true);
  });

  test.each([
    ['0', 'x'],
    ['0', 'x'.repeat(150)],
    ['5', 'x'],
    ['3', 'x'],
    ['6', 'x'],
  ])('of an entry of type %s loses the link target %s, which only links have', async (type, link) => {
    const { tar } = await flatten([layer().entry({ name: 'a', type, link, pax: { comment: 'kept' } })]);
    expect(tar.toString('latin1', 512, 1024)).toContain(' comment=kept\n');
    expect(tar.toString('latin1')).not.toContain('linkpath=');
    expect(tar.subarray(1024 + 157, 1024 + 257).every((byte) => byte === 0)).toBe(true);
  });

  test('is all that is left of an old header with other bytes behind it', async () => {
    const attributes = { type: '0', mode: 0o640, uid: 7, gid: 0, mtime: 0, dialect: 'gnu' } as const;
    const block = headerBlock({ ...attributes, name: 'a' }, 0).fill('?', 257);
    const { tar } = await flatten([sealed(block)]);
    expect((await treeOfTar(tar)).get('a')).toMatchObject({ type: 'file', mode: 0o640, uid: 7 });
    expect(tar.subarray(257, 512).every((byte) => byte === 0)).toBe(true);
  });

  test('of a directory is that of the upper entry, without the lower xattrs', async () => {
    const { tar } = await flatten([
      layer()
        .directory('d', { mode: 0o700, xattrs: { 'user.a': '1' } })
        .file('d/a'),
      layer().directory('d', { mode: 0o751, uid: 9 }),
    ]);
    const tree = await treeOfTar(tar);
    expect(tree.get('d')).toMatchObject({ mode: 0o751, uid: 9, xattrs: {} });
    expect(tree.problems).toEqual([]);
  });

  test('of an implied directory is 0755 root:root at the epoch', async () => {
    const tree = await treeOfTar((await flatten([layer().file('a/b')])).tar);
    expect(tree.get('a')).toMatchObject({ mode: 0o755, uid: 0, gid: 0, mtime: 0n });
    expect(tree.get('a')?.implied).toBeUndefined();
  });

  test("of a hard link's own entry is ignored", async () => {
    const { tar } = await flatten([
      layer()
        .file('a', 'one', { mode: 0o600, uid: 7, mtime: 5 })
        .hardlink('b', 'a', { mode: 0o777, uid: 8, mtime: 6 }),
      layer().file('a', 'two'),
    ]);
    expect((await treeOfTar(tar)).get('b')).toMatchObject({ mode: 0o600, uid: 7, mtime: 5_000_000_000n });
  });

  test('the root entry keeps its own, the uppermost', async () => {
    const { tar } = await flatten([
      layer().directory('./', { mode: 0o700 }),
      layer().directory('/', { mode: 0o711 }),
    ]);
    expect((await treeOfTar(tar)).get('')).toMatchObject({ mode: 0o711 });
  });
});

async function nodesOf(tar: Buffer): Promise<[string, unknown][]> {
  const tree = await treeOfTar(tar);
  return tree.paths().map((path) => [path, tree.get(path)]);
}
