import { layer } from '../../../../../test/support/images/layer.ts';
import { base, table } from './rule-table.ts';

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
