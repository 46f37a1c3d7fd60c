import { expect, test } from 'vitest';
import { digestHex } from '../../src/image/digest.ts';
import { chooseLayers, type LayerWish } from '../../src/inspect/choose-layers.ts';
import { described, digestLike } from './described.ts';

/** Oldest first: 0 to 3, so `@0` is index 3. */
const image = described([
  { diffId: digestLike('aa01'), tags: ['base:1', 'registry.example:5000/base:1', 'cafe:12'] },
  { diffId: digestLike('bb02'), id: 'c0ffee'.padEnd(64, '1') },
  { diffId: digestLike('ab03'), otherIds: ['beef'.padEnd(64, '2'), 'fade'.padEnd(64, '3')] },
  { diffId: digestLike('dd04') },
]);
const chain = image.layers.map(({ chainId }) => digestHex(chainId));

const chosen = (wish: LayerWish) => chooseLayers(image, wish).layers.map(({ index }) => index);

test.each<[string, LayerWish, number[]]>([
  ['nothing asked for: newest first', {}, [3, 2, 1, 0]],
  ['nothing asked for, reversed: oldest first', { reverse: true }, [0, 1, 2, 3]],
  ['the newest by its place', { specs: ['@0'] }, [3]],
  ['the oldest by its place', { specs: ['@3'] }, [0]],
  ['the start of a diff id', { specs: ['bb'] }, [1]],
  ['the start of a diff id with its algorithm', { specs: ['sha256:ab'] }, [2]],
  ['in capitals', { specs: ['BB02'] }, [1]],
  ["the engine's id", { specs: ['c0ffee'] }, [1]],
  ['the id of another image that is the same stack', { specs: ['beef'] }, [2]],
  ["the image's id", { specs: ['f00d'] }, [3]],
  ["the image's manifest digest", { specs: [image.digest] }, [3]],
  ['a tag', { specs: ['base:1'] }, [0]],
  ['a tag in full', { specs: ['docker.io/library/base:1'] }, [0]],
  ['a tag of another registry', { specs: ['registry.example:5000/base:1'] }, [0]],
  ['a chain id in full', { specs: [chain[2]] }, [2]],
  ['a range from new to old: the oldest wins', { specs: ['@0:@2'] }, [1, 2, 3]],
  ['a range from old to new: the newest wins', { specs: ['@2:@0'] }, [3, 2, 1]],
  ['a range of one', { specs: ['@1:@1'] }, [2]],
  ['a range of prefixes', { specs: ['sha256:aa01:sha256:ab03'] }, [2, 1, 0]],
  ['a range of both kinds', { specs: ['bb:@0'] }, [3, 2, 1]],
  ['several: the last wins', { specs: ['@0', '@3', '@1'] }, [2, 0, 3]],
  ['several, reversed: the first wins', { specs: ['@0', '@3', '@1'], reverse: true }, [3, 0, 2]],
  ['a range, reversed', { specs: ['@0:@2'], reverse: true }, [3, 2, 1]],
  ['twice: at its later place', { specs: ['@0', '@1', '@0'] }, [3, 2]],
  ['twice, reversed: at its earlier place', { specs: ['@0', '@1', '@0'], reverse: true }, [3, 2]],
  ['a layer before a range over it', { specs: ['@0', '@3:@0'] }, [3, 2, 1, 0]],
  ['a range before a layer of it', { specs: ['@3:@0', '@3'] }, [0, 3, 2, 1]],
])('%s', (_, wish, expected) => {
  expect(chosen(wish)).toEqual(expected);
});

test('the engine gets the indices lowest precedence first', () => {
  expect(chooseLayers(image, { specs: ['@0', '@3'] }).indices).toEqual([3, 0]);
  expect(chooseLayers(image).indices).toEqual([0, 1, 2, 3]);
});

test('the description is left as it is', () => {
  chooseLayers(image, { reverse: true });
  chooseLayers(image, { specs: ['@0:@3'] });
  expect(image.layers.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
});

test.each([
  ['a place beyond the oldest', '@4'],
  ['a prefix of nothing', 'eeee'],
  ['a tag of nothing', 'base:2'],
  ['a range of hex digits that is also a tag', 'cafe:12'],
  ['a range from nothing', 'eeee:@0'],
  ['a range to nothing', '@0:@9'],
])('%s is left out with a warning, and refused under strict', (_, spec) => {
  const { layers, warnings } = chooseLayers(image, { specs: ['@1', spec] });
  expect(layers.map(({ index }) => index)).toEqual([2]);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(spec);
  expect(() => chooseLayers(image, { specs: ['@1', spec], strict: true })).toThrow(
    expect.objectContaining({ code: 'LAYER_NOT_FOUND' }),
  );
});

test('a prefix of several layers is an error that lists them', () => {
  const attempt = () => chooseLayers(image, { specs: ['a'] });
  expect(attempt).toThrow(expect.objectContaining({ code: 'LAYER_AMBIGUOUS' }));
  expect(attempt).toThrow(/@3 .*@1 /);
});

test('a layer that comes twice in the image is told apart by its place', () => {
  const twice = described([{ diffId: digestLike('aa') }, { diffId: digestLike('aa') }]);
  expect(() => chooseLayers(twice, { specs: ['aa0'] })).toThrow(
    expect.objectContaining({ code: 'LAYER_AMBIGUOUS' }),
  );
  expect(chooseLayers(twice, { specs: ['@1'] }).indices).toEqual([0]);
});

test('an image without layers has none to choose', () => {
  const empty = described([]);
  expect(chooseLayers(empty).layers).toEqual([]);
  expect(chooseLayers(empty, { specs: ['@0'] }).warnings).toHaveLength(1);
});

test.each([
  '',
  '@',
  '@-1',
  'xyz',
  'a:b:c',
  ':a',
  'a:',
  '@0..@2',
  ' a',
  'sha256:',
  'a'.repeat(65),
  'base',
  'registry.example:5000/base',
  `base@${digestLike('aa')}`,
])('%j is no layer', (spec) => {
  expect(() => chooseLayers(image, { specs: [spec] })).toThrow(expect.objectContaining({ code: 'USAGE' }));
});
