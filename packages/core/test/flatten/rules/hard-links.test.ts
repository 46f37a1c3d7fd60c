import { layer } from '../../../../../test/support/images/layer.ts';
import { table } from './rule-table.ts';

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
