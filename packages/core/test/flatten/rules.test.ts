import { describe, expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import { flatten, listing } from './flattened.ts';

/** The contents that files of these tables have. */
const contents = ['', 'one', 'two', 'three', 'new'];

interface Row {
  readonly rule: string;
  /** Oldest first. */
  readonly layers: readonly (Layer | Buffer)[];
  readonly tree: readonly string[];
}

function table(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows)('$rule', async ({ layers, tree }) => {
      const { tar } = await flatten(layers);
      expect(await listing(tar, contents)).toEqual(tree);
    });
  });
}

const base = layer()
  .directory('d')
  .file('d/a', 'one')
  .directory('d/sub')
  .file('d/sub/b', 'two')
  .file('f', 'three');

table('whiteouts', [
  {
    rule: 'a whiteout removes a file of a lower layer',
    layers: [base, layer().whiteout('f')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two'],
  },
  {
    rule: 'a whiteout removes a tree of a lower layer',
    layers: [base, layer().whiteout('d')],
    tree: ['f: three'],
  },
  {
    rule: 'a whiteout may be a hard link',
    layers: [base, layer().hardlink('.wh.f', 'd/a')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two'],
  },
  {
    rule: 'a whiteout may be a directory',
    layers: [base, layer().directory('.wh.f')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two'],
  },
  {
    rule: 'a whiteout may be a character device',
    layers: [base, layer().device('.wh.f', 'char', 0, 0)],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two'],
  },
  {
    rule: 'a whiteout may be a symlink or a fifo',
    layers: [base, layer().symlink('.wh.f', 'd').fifo('d/.wh.sub')],
    tree: ['d/', 'd/a: one'],
  },
  {
    rule: 'a whiteout may be spelled in any way',
    layers: [
      base,
      layer()
        .file('./d/../.wh.f')
        .file('/d//.wh.a', '', { pax: { path: '../d/./.wh.sub/' } }),
    ],
    tree: ['d/', 'd/a: one'],
  },
  {
    rule: 'a whiteout takes one name of a file, not the others',
    layers: [layer().file('a', 'one').hardlink('b', 'a'), layer().whiteout('b')],
    tree: ['a: one'],
  },
  {
    rule: 'an entry of the same layer survives a whiteout before it',
    layers: [base, layer().whiteout('f').file('f', 'new')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: new'],
  },
  {
    rule: 'an entry of the same layer survives a whiteout behind it',
    layers: [base, layer().file('f', 'new').whiteout('f')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: new'],
  },
  {
    rule: 'a whiteout takes nothing in the oldest layer',
    layers: [layer().file('f', 'one').whiteout('f')],
    tree: ['f: one'],
  },
  {
    rule: 'a directory removed and made again has only its new children',
    layers: [base, layer().whiteout('d').directory('d').file('d/n', 'new')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'the same, the whiteout last',
    layers: [base, layer().directory('d').file('d/n', 'new').whiteout('d')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'a directory removed and only implied again has only what is new',
    layers: [base, layer().whiteout('d').file('d/n', 'new')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'the same, the whiteout last',
    layers: [base, layer().file('d/n', 'new').whiteout('d')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'an opaque marker hides the lower children',
    layers: [base, layer().directory('d').opaque('d').file('d/n', 'new')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'an opaque marker spares the own children, wherever it stands',
    layers: [base, layer().directory('d').file('d/n', 'new').opaque('d')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'an opaque marker first in the layer',
    layers: [base, layer().opaque('d').directory('d').file('d/n', 'new')],
    tree: ['d/', 'd/n: new', 'f: three'],
  },
  {
    rule: 'an opaque marker spares own grandchildren below a lower directory',
    layers: [base, layer().file('d/sub/n', 'new').opaque('d')],
    tree: ['d/', 'd/sub/', 'd/sub/n: new', 'f: three'],
  },
  {
    rule: 'an opaque marker at the root hides all that is lower',
    layers: [base, layer().opaque('').file('n', 'new')],
    tree: ['n: new'],
  },
  {
    rule: 'an opaque marker at the root, last',
    layers: [base, layer().file('d/n', 'new').opaque('')],
    tree: ['d/', 'd/n: new'],
  },
  {
    rule: 'an opaque marker may be a directory or a hard link, spelled in any way',
    layers: [
      base,
      layer().directory('./d/.wh..wh..opq').file('d/n', 'new'),
      layer().hardlink('.//.wh..wh..opq', 'd/n').file('m', 'one'),
    ],
    tree: ['m: one'],
  },
  {
    rule: 'only the exact name is opaque',
    layers: [base, layer().file('d/.wh..wh..opqX')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  {
    rule: 'a whiteout of what is not there has no effect',
    layers: [base, layer().whiteout('x/y/z').whiteout('q')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  {
    rule: 'an opaque marker of what is not there has no effect',
    layers: [base, layer().opaque('x/y').opaque('f')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  {
    rule: 'of a subset of layers, a whiteout of what lies below it vanishes',
    layers: [layer().whiteout('f').whiteout('d/a').opaque('usr').file('n', 'new')],
    tree: ['n: new'],
  },
  {
    rule: 'a whiteout below a file has no effect',
    layers: [base, layer().whiteout('f/x')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  {
    rule: 'foo.wh.bar and a.wh.b are ordinary names',
    layers: [layer().file('foo.wh.bar', 'one').file('a.wh.b/c', 'two')],
    tree: ['a.wh.b/', 'a.wh.b/c: two', 'foo.wh.bar: one'],
  },
  {
    rule: 'what stands below a directory of a whiteout name is no part of the tree',
    layers: [base, layer().directory('.wh.f').file('.wh.f/x', 'new')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two'],
  },
  {
    rule: 'nor are whiteouts that stand there',
    layers: [base, layer().file('.wh.x/.wh.f')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  {
    rule: 'what a symlink leads to below a name of a whiteout is no part of the tree',
    layers: [layer().symlink('l', '.wh.f').file('l/x', 'new').file('f', 'one').hardlink('l/y', 'f')],
    tree: ['f: one', 'l -> .wh.f'],
  },
  {
    rule: 'a whiteout through links that go round has no effect',
    layers: [layer().symlink('l', 'm').symlink('m', 'l'), layer().whiteout('l/x').opaque('m')],
    tree: ['l -> m', 'm -> l'],
  },
  {
    rule: "AUFS's metadata at the root is dropped, and a link into it becomes a file with that content",
    layers: [
      layer()
        .file('.wh..wh.aufs')
        .directory('.wh..wh.orph')
        .directory('.wh..wh.plnk')
        .file('.wh..wh.plnk/12.34', 'one')
        .hardlink('x', '.wh..wh.plnk/12.34')
        .hardlink('y', '.wh..wh.plnk/12.34')
        .file('z', 'two'),
    ],
    tree: ['x: one', 'y == x', 'z: two'],
  },
  {
    rule: "a link from an upper layer into AUFS's metadata, and a whiteout of it",
    layers: [
      layer().file('.wh..wh.plnk/1.2', 'one'),
      layer().hardlink('x', '.wh..wh.plnk/1.2'),
      layer().opaque('').file('y', 'two'),
    ],
    tree: ['y: two'],
  },
  {
    rule: "names like AUFS's below the root are whiteouts",
    layers: [layer().file('d/.wh.plnk', 'one').file('d/a', 'two'), layer().directory('d/.wh..wh.plnk')],
    tree: ['d/', 'd/a: two'],
  },
]);

table('type changes', [
  {
    rule: 'a file replaces a directory with all below',
    layers: [base, layer().file('d', 'new')],
    tree: ['d: new', 'f: three'],
  },
  {
    rule: 'a symlink replaces a directory with all below',
    layers: [base, layer().symlink('d', 'f')],
    tree: ['d -> f', 'f: three'],
  },
  {
    rule: 'a device replaces a directory with all below',
    layers: [base, layer().device('d', 'char', 1, 3)],
    tree: ['d char 1:3', 'f: three'],
  },
  {
    rule: 'a directory replaces a file',
    layers: [base, layer().directory('f').file('f/n', 'new')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f/', 'f/n: new'],
  },
  {
    rule: 'a directory over a directory merges',
    layers: [base, layer().directory('d').file('d/n', 'new')],
    tree: ['d/', 'd/a: one', 'd/n: new', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  {
    rule: 'a directory entry replaces a symlink to a directory',
    layers: [
      layer().directory('usr/lib').file('usr/lib/b', 'one').symlink('lib', 'usr/lib'),
      layer().directory('lib').file('lib/n', 'new'),
    ],
    tree: ['lib/', 'lib/n: new', 'usr/', 'usr/lib/', 'usr/lib/b: one'],
  },
  {
    rule: 'directory, file, directory: the old children stay gone',
    layers: [base, layer().file('d', 'new'), layer().directory('d')],
    tree: ['d/', 'f: three'],
  },
  {
    rule: 'a path below a file makes it an implied directory',
    layers: [base, layer().file('f/n', 'new')],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f/', 'f/n: new'],
  },
  {
    rule: 'a parent that is a symlink leads to its target',
    layers: [layer().directory('usr/lib').symlink('lib', 'usr/lib'), layer().file('lib/b', 'new')],
    tree: ['lib -> usr/lib', 'usr/', 'usr/lib/', 'usr/lib/b: new'],
  },
  {
    rule: 'a parent that is a symlink of the same layer, too',
    layers: [layer().directory('usr/lib').symlink('lib', 'usr/lib').file('lib/b', 'new')],
    tree: ['lib -> usr/lib', 'usr/', 'usr/lib/', 'usr/lib/b: new'],
  },
  {
    rule: 'a whiteout goes through a symlink',
    layers: [
      layer()
        .directory('usr/lib')
        .file('usr/lib/b', 'one')
        .file('usr/lib/c', 'two')
        .symlink('lib', 'usr/lib'),
      layer().whiteout('lib/b'),
    ],
    tree: ['lib -> usr/lib', 'usr/', 'usr/lib/', 'usr/lib/c: two'],
  },
  {
    rule: 'an opaque marker goes through a symlink',
    layers: [
      layer().directory('usr/lib').file('usr/lib/b', 'one').symlink('lib', 'usr/lib'),
      layer().opaque('lib'),
    ],
    tree: ['lib -> usr/lib', 'usr/', 'usr/lib/'],
  },
  {
    rule: 'a whiteout of a symlink takes the link, not its target',
    layers: [
      layer().directory('usr/lib').file('usr/lib/b', 'one').symlink('lib', 'usr/lib'),
      layer().whiteout('lib'),
    ],
    tree: ['usr/', 'usr/lib/', 'usr/lib/b: one'],
  },
  {
    rule: 'an absolute symlink begins at the root',
    layers: [layer().symlink('x/l', '/etc').file('x/l/passwd', 'one')],
    tree: ['etc/', 'etc/passwd: one', 'x/', 'x/l -> /etc'],
  },
  {
    rule: 'a symlink that climbs out is clamped to the root',
    layers: [layer().symlink('l', '../../../etc').file('l/passwd', 'one')],
    tree: ['etc/', 'etc/passwd: one', 'l -> ../../../etc'],
  },
  {
    rule: 'a dangling symlink gets its target directories',
    layers: [layer().symlink('l', 'a/b/c').file('l/x', 'one')],
    tree: ['a/', 'a/b/', 'a/b/c/', 'a/b/c/x: one', 'l -> a/b/c'],
  },
  {
    rule: 'symlinks in a row',
    layers: [layer().directory('t').symlink('l1', 'l2').symlink('l2', './t/../t').file('l1/x', 'one')],
    tree: ['l1 -> l2', 'l2 -> ./t/../t', 't/', 't/x: one'],
  },
  {
    rule: 'dot-dot behind a symlink is the parent of its target',
    layers: [layer().directory('a/b').symlink('l', 'a/b').symlink('m', 'l/../c').file('m/x', 'one')],
    tree: ['a/', 'a/b/', 'a/c/', 'a/c/x: one', 'l -> a/b', 'm -> l/../c'],
  },
]);

table('hard links', [
  {
    rule: 'two names of one file',
    layers: [layer().file('a', 'one').hardlink('b', 'a')],
    tree: ['a: one', 'b == a'],
  },
  {
    rule: 'the target replaced above: the link keeps the old content',
    layers: [layer().file('a', 'one').hardlink('b', 'a'), layer().file('a', 'new')],
    tree: ['a: new', 'b: one'],
  },
  {
    rule: 'the target removed above',
    layers: [layer().file('a', 'one').hardlink('b', 'a'), layer().whiteout('a')],
    tree: ['b: one'],
  },
  {
    rule: 'the target hidden by an opaque directory',
    layers: [layer().file('d/a', 'one').hardlink('b', 'd/a'), layer().directory('d').opaque('d')],
    tree: ['b: one', 'd/'],
  },
  {
    rule: "the target's directory replaced",
    layers: [layer().file('d/a', 'one').hardlink('b', 'd/a'), layer().file('d', 'new')],
    tree: ['b: one', 'd: new'],
  },
  {
    rule: 'the target replaced later in the same layer',
    layers: [layer().file('a', 'one').hardlink('b', 'a').file('a', 'new')],
    tree: ['a: new', 'b: one'],
  },
  {
    rule: 'a target in a lower layer',
    layers: [layer().file('a', 'one'), layer().hardlink('b', 'a')],
    tree: ['a: one', 'b == a'],
  },
  {
    rule: 'a target in a lower layer, then replaced above',
    layers: [layer().file('a', 'one'), layer().hardlink('b', 'a'), layer().file('a', 'new')],
    tree: ['a: new', 'b: one'],
  },
  {
    rule: 'a target in a lower layer that this layer whites out behind the link',
    layers: [layer().file('a', 'one'), layer().hardlink('b', 'a').whiteout('a')],
    tree: ['b: one'],
  },
  {
    rule: 'a target that comes later in the layer',
    layers: [layer().hardlink('b', 'a').file('a', 'one')],
    tree: ['a: one', 'b == a'],
  },
  {
    rule: 'a chain of links, backwards',
    layers: [layer().hardlink('c', 'b').hardlink('b', 'a').file('a', 'one')],
    tree: ['a: one', 'b == a', 'c == a'],
  },
  {
    rule: 'a deferred link whose name came again is the later entry',
    layers: [layer().hardlink('b', 'a').file('b', 'new').file('a', 'one')],
    tree: ['a: one', 'b: new'],
  },
  {
    rule: 'a deferred link whose name another link gave again is the later one',
    layers: [layer().file('c', 'two'), layer().hardlink('b', 'a').hardlink('b', 'c').file('a', 'one')],
    tree: ['a: one', 'b: two', 'c == b'],
  },
  {
    rule: 'of two deferred links of one name the later counts, whichever could be made first',
    layers: [
      layer().hardlink('b', 'x').hardlink('b', 'a').hardlink('x', 'y').file('a', 'one').file('y', 'two'),
    ],
    tree: ['a: one', 'b == a', 'x: two', 'y == x'],
  },
  {
    rule: 'a deferred link takes nothing from entries that came behind it below its name',
    layers: [layer().hardlink('b', 'a').file('b/x', 'new').file('a', 'one')],
    tree: ['a: one', 'b/', 'b/x: new'],
  },
  {
    rule: 'a link to itself changes nothing',
    layers: [layer().file('a', 'one'), layer().hardlink('a', 'a')],
    tree: ['a: one'],
  },
  {
    rule: 'a link to what it is already',
    layers: [layer().file('a', 'one').hardlink('b', 'a').hardlink('b', 'a')],
    tree: ['a: one', 'b == a'],
  },
  {
    rule: 'a link over a file',
    layers: [layer().file('a', 'one').file('b', 'two').hardlink('b', 'a')],
    tree: ['a: one', 'b == a'],
  },
  {
    rule: 'a link over the directory that holds its target',
    layers: [layer().file('d/a', 'one').hardlink('d', 'd/a')],
    tree: ['d: one'],
  },
  {
    rule: 'a target that is a symlink',
    layers: [layer().symlink('a', 'x').hardlink('b', 'a')],
    tree: ['a -> x', 'b == a'],
  },
  {
    rule: 'an absolute target',
    layers: [layer().file('d/a', 'one').hardlink('b', '/d/a')],
    tree: ['b: one', 'd/', 'd/a == b'],
  },
  {
    rule: 'a target with a dot',
    layers: [layer().file('./d/a', 'one').hardlink('./b', './d/./a')],
    tree: ['b: one', 'd/', 'd/a == b'],
  },
  {
    rule: 'a target through a symlinked directory',
    layers: [layer().file('usr/lib/a', 'one').symlink('lib', 'usr/lib').hardlink('b', 'lib/a')],
    tree: ['b: one', 'lib -> usr/lib', 'usr/', 'usr/lib/', 'usr/lib/a == b'],
  },
  {
    rule: 'a link of a device',
    layers: [layer().device('a', 'char', 1, 3).hardlink('b', 'a')],
    tree: ['a char 1:3', 'b == a'],
  },
  {
    rule: 'a link into a directory that comes later',
    layers: [layer().file('a', 'one').hardlink('d/b', 'a').directory('d', { mode: 0o700 })],
    tree: ['a: one', 'd/', 'd/b == a'],
  },
]);

table('names', [
  {
    rule: './a, /a, a//b, a/./b and a/../b are cleaned',
    layers: [
      layer()
        .file('./a', 'one')
        .file('/b', 'two')
        .file('c//d', 'three')
        .file('c/./e', 'new')
        .file('x/../y', 'one'),
    ],
    tree: ['a: one', 'b: two', 'c/', 'c/d: three', 'c/e: new', 'y: one'],
  },
  {
    rule: 'a file that is spelled with a slash at its end is a file',
    layers: [layer().file('a/', 'one')],
    tree: ['a: one'],
  },
  { rule: '../../x is clamped to the root', layers: [layer().file('../../x', 'one')], tree: ['x: one'] },
  {
    rule: 'a name twice in one layer: the last wins',
    layers: [layer().file('a', 'one').file('a', 'two').file('./a', 'new')],
    tree: ['a: new'],
  },
  {
    rule: 'a directory twice',
    layers: [layer().directory('d').file('d/a', 'one').directory('d')],
    tree: ['d/', 'd/a: one'],
  },
  {
    rule: 'a file behind its own children',
    layers: [layer().directory('d').file('d/a', 'one').file('d', 'new')],
    tree: ['d: new'],
  },
  {
    rule: 'backslashes, drive letters and newlines are ordinary bytes',
    layers: [layer().file('a\\b', 'one').file('C:x', 'two').file('n\nl', 'three')],
    tree: ['C:x: two', 'a\\b: one', 'n\nl: three'],
  },
  {
    rule: 'children before their directory',
    layers: [layer().file('d/a', 'one').directory('d')],
    tree: ['d/', 'd/a: one'],
  },
  { rule: 'no layers at all: the empty archive', layers: [], tree: [] },
  { rule: 'a layer of no bytes', layers: [layer().file('a', 'one'), Buffer.alloc(0)], tree: ['a: one'] },
  {
    rule: 'the same layer twice',
    layers: [base, base],
    tree: ['d/', 'd/a: one', 'd/sub/', 'd/sub/b: two', 'f: three'],
  },
  { rule: 'no end-of-archive blocks', layers: [layer().file('a', 'one').tar(0)], tree: ['a: one'] },
  { rule: 'one zero block at the end', layers: [layer().file('a', 'one').tar(1)], tree: ['a: one'] },
  {
    rule: 'a global header is skipped',
    layers: [
      layer()
        .globalHeader({ path: 'x', uid: '7' })
        .file('a', 'one')
        .globalHeader({ size: '3' })
        .file('b', 'two'),
    ],
    tree: ['a: one', 'b: two'],
  },
]);
