import { layer } from '../../../../../test/support/images/layer.ts';
import { base, table } from './rule-table.ts';

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
