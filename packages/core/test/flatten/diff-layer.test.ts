import { expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import { treeOfTar } from '../../../../test/support/tree/tar-tree.ts';
import { flatten, listing } from './flattened.ts';

interface Row {
  readonly rule: string;
  /** What is flattened with its whiteouts kept, oldest first. */
  readonly upper: readonly Layer[];
  /** The names of the diff layer, in byte order. */
  readonly names: readonly string[];
}

const base = layer()
  .directory('d', { mode: 0o700 })
  .file('d/a', 'one')
  .directory('d/sub')
  .file('d/sub/b', 'two')
  .file('f', 'three')
  .symlink('l', 'd');

const rows: Row[] = [
  { rule: 'a whiteout stays', upper: [layer().whiteout('f')], names: ['.wh.f'] },
  {
    rule: 'a whiteout in a directory that only lies below stays, and the directory is not made anew',
    upper: [layer().whiteout('d/sub/b')],
    names: ['d/sub/.wh.b'],
  },
  {
    rule: 'a whiteout whose name was given again is a file like others',
    upper: [layer().whiteout('f'), layer().file('f', 'new')],
    names: ['f'],
  },
  {
    rule: 'what was given and taken away again leaves a whiteout',
    upper: [layer().file('f', 'new'), layer().whiteout('f')],
    names: ['.wh.f'],
  },
  {
    rule: 'a directory removed and made again is opaque',
    upper: [layer().whiteout('d').directory('d').file('d/n', 'new')],
    names: ['d/', 'd/.wh..wh..opq', 'd/n'],
  },
  {
    rule: 'an opaque directory stays one',
    upper: [layer().directory('d').opaque('d'), layer().file('d/n', 'new')],
    names: ['d/', 'd/.wh..wh..opq', 'd/n'],
  },
  {
    rule: 'an opaque root stays one',
    upper: [layer().opaque('').file('n', 'new')],
    names: ['.wh..wh..opq', 'n'],
  },
  {
    rule: 'a file, then a directory again: the lower children stay gone',
    upper: [layer().file('d', 'new'), layer().directory('d')],
    names: ['d/', 'd/.wh..wh..opq'],
  },
  {
    rule: 'a directory over a directory hides nothing',
    upper: [layer().directory('d').file('d/n', 'new')],
    names: ['d/', 'd/n'],
  },
  {
    rule: 'an implied directory that came again is no longer the one below, and has an entry',
    upper: [layer().whiteout('d').file('d/n', 'new')],
    names: ['d/', 'd/.wh..wh..opq', 'd/n'],
  },
  {
    rule: 'one that was implied before its whiteout is the one below, emptied',
    upper: [layer().file('d/n', 'new').whiteout('d')],
    names: ['d/.wh..wh..opq', 'd/n'],
  },
  {
    rule: 'a directory that replaces a file hides what lies below the file',
    upper: [layer().file('d', 'new'), layer().file('d/n', 'new')],
    names: ['d/', 'd/.wh..wh..opq', 'd/n'],
  },
  {
    rule: 'what is implied in an opaque directory is new',
    upper: [layer().opaque(''), layer().file('d/n', 'new')],
    names: ['.wh..wh..opq', 'd/', 'd/.wh..wh..opq', 'd/n'],
  },
  {
    rule: 'a whiteout in an opaque directory has nothing to do',
    upper: [layer().opaque('d').whiteout('d/a').whiteout('d/e/f')],
    names: ['d/.wh..wh..opq'],
  },
  {
    rule: 'a whiteout takes with it those that stand below it',
    upper: [layer().whiteout('d/a').opaque('d/sub').whiteout('d')],
    names: ['.wh.d'],
  },
  {
    rule: 'a whiteout below a file has no effect',
    upper: [layer().file('f', 'new').whiteout('f/b')],
    names: ['f'],
  },
  {
    rule: 'a whiteout through links that go round has no effect',
    upper: [layer().symlink('x', 'x').whiteout('x/a').opaque('x')],
    names: ['x'],
  },
  {
    rule: 'a whiteout below a name of a whiteout has no effect',
    upper: [layer().whiteout('.wh.f/b').file('.wh.f/.wh..wh..opq')],
    names: [],
  },
];

test.each(rows)('$rule', async ({ upper, names }) => {
  const { tar } = await flatten(upper, { keepWhiteouts: true });
  const tree = await treeOfTar(tar);
  const entries = tree.paths().filter((path) => path !== '' && tree.get(path)?.implied !== true);
  const named = entries.map((path) => (tree.get(path)?.type === 'directory' ? `${path}/` : path));
  expect(named).toEqual(names);
});

/** That is what a diff layer is for. */
test.each(rows)('over what lies below it is the same as its layers: $rule', async ({ upper }) => {
  const contents = ['', 'one', 'two', 'three', 'new'];
  const { tar: diff } = await flatten(upper, { keepWhiteouts: true });
  const composed = await flatten([base, diff]);
  const whole = await flatten([base, ...upper]);
  expect(await listing(composed.tar, contents)).toEqual(await listing(whole.tar, contents));
});
