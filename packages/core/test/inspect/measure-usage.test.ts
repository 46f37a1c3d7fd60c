import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import { idle, measured, plain } from './measured.ts';

/** Added, changed, removed, wasted bytes. */
type Row = readonly [added: number, changed: number, removed: number, wasted: number];

const abc = layer().directory('d').file('d/a', 'aaa').file('d/b', 'bbbbb').file('c', 'c');

test.each<[string, Layer[], Row[]]>([
  ['one layer', [abc], [[4, 0, 0, 0]]],
  [
    'an empty layer',
    [abc, layer()],
    [
      [4, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  ],
  [
    'a file that is replaced',
    [abc, layer().file('d/a', 'new')],
    [
      [4, 0, 0, 3],
      [0, 1, 0, 0],
    ],
  ],
  [
    'a file that is removed',
    [abc, layer().whiteout('d/b')],
    [
      [4, 0, 0, 5],
      [0, 0, 1, 0],
    ],
  ],
  [
    'a folder that is removed',
    [abc, layer().whiteout('d')],
    [
      [4, 0, 0, 8],
      [0, 0, 3, 0],
    ],
  ],
  [
    'a folder whose metadata changes',
    [abc, layer().directory('d')],
    [
      [4, 0, 0, 0],
      [0, 1, 0, 0],
    ],
  ],
  [
    'an opaque folder',
    [abc, layer().directory('d').opaque('d')],
    [
      [4, 0, 0, 8],
      [0, 1, 2, 0],
    ],
  ],
  [
    'an opaque folder that gives a file again, behind the marker',
    [abc, layer().directory('d').opaque('d').file('d/a', 'new').file('d/x')],
    [
      [4, 0, 0, 8],
      [1, 2, 1, 0],
    ],
  ],
  [
    'an opaque folder that gives a file again, before the marker',
    [abc, layer().directory('d').file('d/a', 'new').file('d/x').opaque('d')],
    [
      [4, 0, 0, 8],
      [1, 2, 1, 0],
    ],
  ],
  [
    'a folder that is removed and made again with a file of the same name',
    [abc, layer().whiteout('d').directory('d').file('d/b', 'new')],
    [
      [4, 0, 0, 8],
      [0, 2, 1, 0],
    ],
  ],
  [
    'a whiteout of nothing',
    [abc, layer().whiteout('none')],
    [
      [4, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  ],
  [
    'a file in the place of a folder',
    [abc, layer().file('d', 'file')],
    [
      [4, 0, 0, 8],
      [0, 1, 2, 0],
    ],
  ],
  [
    'a folder in the place of a file',
    [abc, layer().directory('c').file('c/x', 'x')],
    [
      [4, 0, 0, 1],
      [1, 1, 0, 0],
    ],
  ],
  ['folders that no entry describes', [layer().file('x/y/z', 'z')], [[3, 0, 0, 0]]],
  [
    'a root with an entry',
    [layer().directory('./').file('a'), layer().directory('./')],
    [
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  ],
  ['a name twice in a layer', [layer().file('a', '1').file('a', '22')], [[1, 0, 0, 1]]],
  [
    'a name twice in an upper layer',
    [layer().file('a'), layer().file('a', '1').file('a', '22')],
    [
      [1, 0, 0, 0],
      [0, 1, 0, 1],
    ],
  ],
  [
    'a file that comes and goes in one layer',
    [layer().file('a', 'a'), layer().directory('t').file('t/x', 'xx').file('t', 'file')],
    [
      [1, 0, 0, 0],
      [1, 0, 0, 2],
    ],
  ],
  [
    'a removal that comes after a change',
    [layer().directory('d').file('d/a', 'a'), layer().file('d/a', 'bb').file('d', 'file')],
    [
      [2, 0, 0, 1],
      [0, 1, 1, 2],
    ],
  ],
  [
    'bytes that a hard link keeps',
    [layer().file('a', 'aaaa').hardlink('b', 'a'), layer().whiteout('a')],
    [
      [2, 0, 0, 0],
      [0, 0, 1, 0],
    ],
  ],
  [
    'a hard link to a file of a lower layer',
    [layer().file('a', 'aaaa'), layer().hardlink('b', 'a').whiteout('a')],
    [
      [1, 0, 0, 0],
      [1, 0, 1, 0],
    ],
  ],
  [
    'a hard link that a layer gives again',
    [layer().file('a', 'aaaa').hardlink('b', 'a'), layer().hardlink('b', 'a')],
    [
      [2, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  ],
  [
    'a name that ends as the file that it was',
    [layer().file('a', 'aaaa').hardlink('b', 'a'), layer().file('b', 'x').hardlink('b', 'a')],
    [
      [2, 0, 0, 0],
      [0, 0, 0, 1],
    ],
  ],
  [
    'a name that goes and comes back as the file that it was',
    [layer().file('a', 'aaaa').hardlink('b', 'a'), layer().whiteout('b').hardlink('b', 'a')],
    [
      [2, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  ],
  [
    'what AUFS keeps for itself',
    [layer().directory('.wh..wh.plnk').file('.wh..wh.plnk/1', 'link').file('a', 'a')],
    [[1, 0, 0, 0]],
  ],
  [
    'waste of several layers',
    [layer().file('a', '1'), layer().file('a', '22'), layer().file('a', '333'), layer().file('a', '4444')],
    [
      [1, 0, 0, 1],
      [0, 1, 0, 2],
      [0, 1, 0, 3],
      [0, 1, 0, 0],
    ],
  ],
  [
    'a path that comes back layers later',
    [layer().file('a', '1'), layer().whiteout('a'), layer().file('a', '333')],
    [
      [1, 0, 0, 1],
      [0, 0, 1, 0],
      [1, 0, 0, 0],
    ],
  ],
])('%s', async (_, layers, rows) => {
  const usage = await measured(layers.map(plain));
  expect(
    usage.map(({ added, changed, removed, wastedBytes }) => [added, changed, removed, wastedBytes]),
  ).toEqual(rows);
});

test('layers are as large as their tars, compressed or not', async () => {
  const tar = abc.tar();
  const usage = await measured([
    { tar, blob: tar },
    { tar, blob: gzipSync(tar) },
  ]);
  expect(usage.map(({ uncompressedSize }) => uncompressedSize)).toEqual([tar.length, tar.length]);
});

test('a layer of a lower precedence may be the newer one', async () => {
  const usage = await measured([plain(layer().whiteout('c')), plain(abc)]);
  expect(usage.map(({ added, removed }) => [added, removed])).toEqual([
    [0, 0],
    [4, 0],
  ]);
});

test('so many names that every table grows', async () => {
  let names = layer();
  for (let at = 0; at < 3000; at++) names = names.file(`d/${at}`, 'x');
  const usage = await measured([plain(names), plain(layer().whiteout('d').file('d/7', 'yy'))]);
  expect(usage).toMatchObject([
    { added: 3001, wastedBytes: 3000 },
    { added: 0, changed: 2, removed: 2999, wastedBytes: 0 },
  ]);
});

test('the work ends where its host says so', async () => {
  const host = {
    ...idle,
    check: () => {
      throw new Error('enough');
    },
  };
  const tar = abc.tar();
  await expect(measured([{ tar, blob: gzipSync(tar) }], host)).rejects.toThrow('enough');
});

test('a layer that is no tar is named', async () => {
  const tar = Buffer.alloc(2048, 'x');
  await expect(measured([{ tar, blob: tar }])).rejects.toMatchObject({
    code: 'LAYER_INVALID',
    message: expect.stringContaining('layer 0'),
  });
});
