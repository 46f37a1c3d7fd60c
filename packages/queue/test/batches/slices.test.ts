import { expect, test } from 'vitest';
import { slicesOf } from '../../src/batches/slices.ts';

const most = { bytes: 10, items: 3 };

test.each([
  ['nothing', [], []],
  ['what fits', ['a', 'b'], [['a', 'b']]],
  ['more items than fit', ['a', 'b', 'c', 'd'], [['a', 'b', 'c'], ['d']]],
  ['more bytes than fit', ['12345', '1234', '12'], [['12345', '1234'], ['12']]],
  ['bytes, not letters', ['ääää', 'ää'], [['ääää'], ['ää']]],
  ['what is too large alone', ['a', '12345678901', 'b'], [['a'], ['12345678901'], ['b']]],
])('%s', (_what, texts, slices) => {
  expect(slicesOf(texts, most)).toEqual(slices);
});
