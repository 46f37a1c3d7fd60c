import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ArchiveFiles, archiveOf, json } from '../../../../test/support/images/archive-files.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import type { ImageDescription } from '../../src/image/image.ts';
import { chooseLayers } from '../../src/inspect/choose-layers.ts';
import { inspectImage } from '../../src/inspect/inspect-image.ts';
import { describeImage } from '../../src/source/open-image.ts';
import { flatten, listing } from '../flatten/flattened.ts';

/** Ids that share no first digit with their index: what is chosen must not depend on how ids sort. */
const ids = Array.from({ length: 16 }, (_, index) =>
  `${((index * 7 + 3) % 16).toString(16)}${index.toString(16)}`.padEnd(64, 'e'),
);
/** `@n`, 0 is the newest, as its short id. */
const short = (place: number) => ids[15 - place].slice(0, 12);

/** Sixteen images, each upon the last, as an engine saved them that gave every layer an id of its own. */
function legacyArchive(): Buffer {
  const files: ArchiveFiles = new Map();
  for (const [index, id] of ids.entries()) {
    const parent = index === 0 ? {} : { parent: ids[index - 1] };
    files.set(`${id}/json`, json({ id, ...parent, created: '2015-04-10T00:00:00Z' }));
    files.set(`${id}/layer.tar`, layer().file(`from-${index}`).tar());
  }
  files.set('repositories', json({ chain: { top: ids[15], latest: ids[15] }, base: { 1: ids[3] } }));
  return archiveOf(files);
}

let image: ImageDescription;
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dimgx-choice-'));
  try {
    const archive = join(folder, 'chain.tar');
    await writeFile(archive, legacyArchive());
    image = await describeImage(`docker-archive:${archive}:chain:top`);
  } finally {
    await rm(folder, { recursive: true });
  }
});

const all = Array.from({ length: 16 }, (_, place) => place);

/** Specs as they follow `-l`; `#N` stands for the short id of `@N`. Expected are places, highest precedence first. */
test.each<[string, string[], number[], number[]?]>([
  ['none at all', [], all, all.toReversed()],
  ['one', ['#0'], [0], [0]],
  ['one in the middle', ['#14'], [14], [14]],
  ['one that is no layer', ['ffffffffffff'], [], []],
  ['a range from no layer', ['ffffffffffff:#0'], [], []],
  ['a range to no layer', ['#15:ffffffffffff'], [], []],
  ['no layer behind a layer', ['#0', 'ffffffffffff'], [0], [0]],
  ['no layer before a layer', ['ffffffffffff', '#0'], [0], [0]],
  ['a range from a layer to itself', ['#0:#0'], [0], [0]],
  ['a range from old to new', ['#1:#0'], [0, 1], [1, 0]],
  ['a range from new to old', ['#0:#1'], [1, 0], [0, 1]],
  ['a long range from old to new', ['#14:#0'], all.slice(0, 15), all.slice(0, 15).reverse()],
  ['a long range from new to old', ['#0:#14'], all.slice(0, 15).reverse(), all.slice(0, 15)],
  ['the two oldest', ['#15:#14'], [14, 15], [15, 14]],
  ['layers from here and there', ['#15', '#0', '#14', '#1'], [1, 14, 0, 15], [15, 0, 14, 1]],
  ['a layer that comes again', ['#14', '#13', '#14', '#5'], [5, 14, 13], [14, 13, 5]],
  ['a range over a layer that came before', ['#13', '#12:#15'], [15, 14, 13, 12], [13, 12, 14, 15]],
  ['a range and a later part of it', ['#3:#0', '#2:#1'], [1, 2, 0, 3], [3, 2, 1, 0]],
  ['a range there and back', ['#9:#5', '#5:#9'], [9, 8, 7, 6, 5], [9, 8, 7, 6, 5]],
  ['several ranges and a layer', ['#15:#14', '#0:#1', '#13'], [13, 1, 0, 14, 15], [15, 14, 0, 1, 13]],
  ['places and ids together', ['@2:#0', '@15'], [15, 0, 1, 2], [2, 1, 0, 15]],
  ['a tag', ['chain:latest', 'base:1'], [12, 0], [0, 12]],
])('%s', (_, specs, expected, reversed = expected) => {
  const given = specs.map((spec) => spec.replace(/#(\d+)/g, (_text, place) => short(Number(place))));
  const chosen = (reverse: boolean) =>
    chooseLayers(image, { specs: given, reverse }).layers.map(({ id }) => id.slice(0, 12));
  expect(chosen(false)).toEqual(expected.map(short));
  expect(chosen(true)).toEqual(reversed.map(short));
});

test('the chain goes from the tagged image to its root, each layer between its parent and its child', () => {
  const { layers } = inspectImage(image);
  expect(layers.map(({ id }) => id)).toEqual(ids.toReversed());
  expect(layers.map(({ parent }) => parent)).toEqual([...ids.slice(0, 15).reverse(), null]);
  expect(layers.map(({ children }) => children)).toEqual([
    [],
    ...ids
      .slice(1)
      .reverse()
      .map((id) => [id]),
  ]);
  expect(layers.map(({ tags }) => tags).filter((tags) => tags.length > 0)).toEqual([
    ['chain:top', 'chain:latest'],
    ['base:1'],
  ]);
});

/** What each of four layers does, to be put on each other in every order. `.wh.` paths take away, others are files. */
const changes: readonly (readonly string[])[] = [
  ['same', 'd/x', 'd/y', 'only-0'],
  ['same', '.wh.only-0', 'd/.wh.x', 'only-1'],
  ['same', 'd/.wh..wh..opq', 'd/z'],
  ['.wh.same', 'd', 'only-3'],
];

/** Every choice of some of four layers in some order, lowest precedence first. */
function orders(left: readonly number[] = [0, 1, 2, 3]): number[][] {
  return [
    [],
    ...left.flatMap((first) => orders(left.filter((each) => each !== first)).map((rest) => [first, ...rest])),
  ];
}

function tarOf(index: number) {
  return changes[index].reduce(
    (built, path) => built.file(path, path.includes('.wh.') ? '' : `${index}`),
    layer(),
  );
}

/** Applies the layers one by one to a plain list of files. */
function expected(order: readonly number[]): string[] {
  let files = new Map<string, string>();
  const without = (gone: (path: string) => boolean) => {
    files = new Map([...files].filter(([path]) => !gone(path)));
  };
  for (const index of order) {
    for (const path of changes[index].filter((each) => each.includes('.wh.'))) {
      if (path.endsWith('/.wh..wh..opq')) without((each) => each.startsWith('d/'));
      else {
        const hidden = path.replace('.wh.', '');
        without((each) => each === hidden || each.startsWith(`${hidden}/`));
      }
    }
    for (const path of changes[index].filter((each) => !each.includes('.wh.'))) {
      if (path === 'd') without((each) => each.startsWith('d/'));
      if (path.startsWith('d/')) files.delete('d');
      files.set(path, `${index}`);
    }
  }
  return [...files].map(([path, content]) => `${path}: ${content}`).sort();
}

describe('layers in any order of precedence', () => {
  test.each(orders().map((order) => [order.toReversed().join(' over ') || 'none', order] as const))(
    '%s',
    async (_, order) => {
      const { tar } = await flatten(order.map(tarOf));
      const files = (await listing(tar, ['0', '1', '2', '3'])).filter((line) => !line.endsWith('/'));
      expect(files.sort()).toEqual(expected(order));
    },
  );
});
