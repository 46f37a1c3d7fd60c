import { layer } from '../../../../../test/support/images/layer.ts';
import { base, table } from './rule-table.ts';

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
