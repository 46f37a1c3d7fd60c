import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import { tarMembers } from '../../../../test/support/tree/tar-reader.ts';
import { type Choices, flatten } from './flattened.ts';

interface Row {
  readonly rule: string;
  readonly layers: readonly Layer[];
  readonly choices?: Choices;
  /** In the order of the tar; `=` is a hard link. */
  readonly entries: readonly string[];
}

const base = layer().directory('d').file('d/a').file('d/b').directory('e').file('e/a').file('f');

const rows: Row[] = [
  {
    rule: 'one layer that is in order stays as it is',
    layers: [base],
    entries: ['d/', 'd/a', 'd/b', 'e/', 'e/a', 'f'],
  },
  {
    rule: 'what comes later into a directory stands behind what was there',
    layers: [base, layer().file('e/b').directory('d').directory('d/c').file('d/c/x').file('g')],
    entries: ['d/', 'd/a', 'd/b', 'd/c/', 'd/c/x', 'e/', 'e/a', 'e/b', 'f', 'g'],
  },
  {
    rule: 'what is replaced keeps its place',
    layers: [base, layer().file('f', 'new').file('d/a', 'new').file('e', 'new')],
    entries: ['d/', 'd/a', 'd/b', 'e', 'f'],
  },
  {
    rule: 'what was taken away and came again is new',
    layers: [base, layer().whiteout('d').file('d/b')],
    entries: ['e/', 'e/a', 'f', 'd/', 'd/b'],
  },
  {
    rule: 'a layer that is in no order is put in one',
    layers: [layer().file('d/x').file('a').file('d/y').directory('d').file('d/x')],
    entries: ['d/', 'd/x', 'd/y', 'a'],
  },
  {
    rule: 'the first name of a file has its content, whichever entry brought it',
    layers: [base, layer().hardlink('d/z', 'f').hardlink('e/z', 'f')],
    entries: ['d/', 'd/a', 'd/b', 'd/z', 'e/', 'e/a', 'e/z=d/z', 'f=d/z'],
  },
  {
    rule: 'the first name that was chosen does',
    layers: [base, layer().hardlink('d/z', 'f').hardlink('e/z', 'f')],
    choices: { exclude: ['d'] },
    entries: ['e/', 'e/a', 'e/z', 'f=e/z'],
  },
  {
    rule: 'opaque markers come last',
    layers: [base, layer().opaque('d').file('d/n')],
    choices: { keepWhiteouts: true },
    entries: ['d/', 'd/n', 'e/', 'e/a', 'f', 'd/.wh..wh..opq'],
  },
];

test.each(rows)('$rule', async ({ layers, choices, entries }) => {
  const { tar } = await flatten(layers, choices);
  const found: string[] = [];
  for await (const { name, type, link } of tarMembers(Readable.from([tar])))
    found.push(type === '1' ? `${name}=${link}` : name);
  expect(found).toEqual(entries);
});
