import { expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import { tarMembers } from '../../../../test/support/tree/tar-reader.ts';
import { flatten } from './flattened.ts';

interface Row {
  readonly rule: string;
  /** Those chosen, oldest first. */
  readonly layers: readonly Layer[];
  /** Names in the order of the tar, with the mode of directories. */
  readonly names: readonly string[];
}

const rows: Row[] = [
  {
    rule: 'a whiteout of what is not there stays',
    layers: [layer().whiteout('a').whiteout('d/b')],
    names: ['.wh.a', 'd/.wh.b'],
  },
  {
    rule: 'a whiteout of what a chosen layer gave stays too: there may be more below',
    layers: [layer().file('a'), layer().whiteout('a')],
    names: ['.wh.a'],
  },
  {
    rule: 'a whiteout of what came again goes: that replaces whatever is below',
    layers: [layer().whiteout('a').file('a')],
    names: ['a'],
  },
  {
    rule: 'a directory that came again hides what is below',
    layers: [layer().whiteout('d').directory('d').file('d/a')],
    names: ['d/ 755', 'd/a', 'd/.wh..wh..opq'],
  },
  {
    rule: 'an implied directory that came again is no longer the one below',
    layers: [layer().whiteout('d').file('d/a')],
    names: ['d/ 755', 'd/a', 'd/.wh..wh..opq'],
  },
  {
    rule: 'one that was implied before the whiteout is the one below, emptied',
    layers: [layer().file('d/a').whiteout('d')],
    names: ['d/a', 'd/.wh..wh..opq'],
  },
  {
    rule: 'a directory that replaces a file hides what is below the file',
    layers: [layer().file('d'), layer().file('d/a')],
    names: ['d/ 755', 'd/a', 'd/.wh..wh..opq'],
  },
  {
    rule: 'a directory without an entry is the one below, and has none',
    layers: [layer().file('d/a')],
    names: ['d/a'],
  },
  {
    rule: 'an opaque marker stays, behind what is in its directory',
    layers: [layer().opaque('d').directory('d', { mode: 0o700 }).file('d/a'), layer().opaque('')],
    names: ['.wh..wh..opq'],
  },
  {
    rule: 'what is implied in an opaque directory is new',
    layers: [layer().opaque(''), layer().file('d/a')],
    names: ['d/ 755', 'd/a', '.wh..wh..opq', 'd/.wh..wh..opq'],
  },
  {
    rule: 'a whiteout in an opaque directory has nothing to do',
    layers: [layer().opaque('d').whiteout('d/a').whiteout('d/e/f')],
    names: ['d/.wh..wh..opq'],
  },
  {
    rule: 'a whiteout takes with it those that stand below it',
    layers: [layer().whiteout('d/a').opaque('d/b').whiteout('d')],
    names: ['.wh.d'],
  },
  {
    rule: 'a whiteout below a file has no effect',
    layers: [layer().file('a').whiteout('a/b')],
    names: ['a'],
  },
  {
    rule: 'a whiteout through links that go round has no effect',
    layers: [layer().symlink('l', 'l').whiteout('l/a').opaque('l')],
    names: ['l'],
  },
  {
    rule: 'a whiteout below a name of a whiteout has no effect',
    layers: [layer().whiteout('.wh.a/b').file('.wh.a/.wh..wh..opq')],
    names: [],
  },
];

test.each(rows)('$rule', async ({ layers, names }) => {
  const { tar } = await flatten(layers, { keepWhiteouts: true });
  const found: string[] = [];
  for await (const { name, type, mode } of tarMembers(bytes(tar))) {
    found.push(type === '5' ? `${name} ${mode.toString(8)}` : name);
  }
  expect(found).toEqual(names);
});

async function* bytes(tar: Buffer): AsyncGenerator<Buffer> {
  yield tar;
}
