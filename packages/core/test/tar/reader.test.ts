import { describe, expect, test } from 'vitest';
import { type Layer, layer } from '../../../../test/support/images/layer.ts';
import {
  extendedHeader,
  headerBlock,
  longName as longNameEntry,
  paxRecord,
  sealed,
} from '../../../../test/support/images/tar-entry.ts';
import { TarReader } from '../../src/tar/reader.ts';
import type { ReadAt } from '../../src/tar/window.ts';

const limits = { headerBytes: 1024 * 1024, pathBytes: 4096 };

/** How many bytes a read gives at the most: a reader must take whatever it gets. */
const slices = [1, 7, 512, 100_000];

function readerOf(tar: Buffer, slice = 100_000): TarReader {
  const readAt: ReadAt = (target, position) =>
    tar.copy(target, 0, position, Math.min(tar.length, position + Math.min(slice, target.length)));
  return new TarReader(readAt, tar.length, limits);
}

function entriesOf(tar: Buffer, slice?: number): unknown[] {
  const reader = readerOf(tar, slice);
  const entries: unknown[] = [];
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
    const { path, link, type, size, start, header, data, end, irregular } = entry;
    const fields = { type: String.fromCharCode(type), size, start, header, data, end, irregular };
    entries.push({ path: path.toString('latin1'), link: link.toString('latin1'), ...fields });
  }
  return entries;
}

const longName = 'x'.repeat(150);
const mixed = layer()
  .file('plain', 'hello')
  .directory('d')
  .file(longName, 'pax')
  .file(`${longName}2`, 'gnu', { dialect: 'gnu' })
  .symlink('l', longName)
  .symlink('g', longName, { dialect: 'gnu' })
  .hardlink('h', 'plain')
  .device('c', 'char', 1, 3)
  .sparse('s', { size: 9_000, pieces: [{ offset: 1_000, content: 'data' }] }, 'gnu-old')
  .sparse('t', { size: 9_000, pieces: [{ offset: 1_000, content: 'data' }] }, 'pax-1.0');

describe('a reader', () => {
  test.each(slices)('finds every entry when it gets %i bytes at a time', (slice) => {
    const found = entriesOf(mixed.tar(), slice);
    expect(found).toMatchObject([
      { path: 'plain', size: 5, start: 0, header: 0, data: 512, end: 1024 },
      { path: 'd/', type: '5' },
      { path: longName, size: 3 },
      { path: `${longName}2`, size: 3 },
      { path: 'l', type: '2', link: longName },
      { path: 'g', type: '2', link: longName },
      { path: 'h', type: '1', link: 'plain' },
      { path: 'c', type: '3', size: 0 },
      { path: 's', type: 'S' },
      { path: 't', type: '0' },
    ]);
    expect(found).toEqual(entriesOf(mixed.tar()));
  });

  test('takes an entry with its extended headers as one piece without gaps', () => {
    const found = entriesOf(mixed.tar()) as { start: number; end: number }[];
    expect(found.map(({ start }) => start)).toEqual([0, ...found.slice(0, -1).map(({ end }) => end)]);
  });

  test('goes on at any entry it is sent to', () => {
    const reader = readerOf(mixed.tar());
    const [, second] = entriesOf(mixed.tar()) as { start: number }[];
    reader.next();
    reader.next();
    reader.next();
    reader.seek(second?.start ?? 0);
    expect(reader.next()?.path.toString()).toBe('d/');
  });
});

interface Row {
  readonly name: string;
  readonly tar: Layer | Buffer;
  readonly entry: Record<string, unknown>;
}

const v7Directory = sealed(Buffer.from(headerBlock(entryLike('old/', '\0'), 0)).fill(0, 257, 265));
/** Nothing says what stands behind the fields that it has. */
const v7WithMore = sealed(Buffer.from(headerBlock(entryLike('old', '0'), 0)).fill('?', 257, 500));
const prefixed = ((): Buffer => {
  const block = headerBlock(entryLike('name', '0'), 0);
  block.write('some/prefix', 345, 'latin1');
  return sealed(block);
})();
const goBefore18 = ((): Buffer => {
  const block = headerBlock({ ...entryLike('name', '0'), dialect: 'gnu' }, 0);
  block.write('some/prefix', 345, 'latin1');
  return sealed(block);
})();
const gnuTimes = ((): Buffer => {
  const block = headerBlock({ ...entryLike('name', '0'), dialect: 'gnu' }, 0);
  block.write('00000000012\x0000000000013\0', 345, 'latin1');
  return sealed(block);
})();
const signedSum = ((): Buffer => {
  const block = headerBlock(entryLike(Buffer.from([0xe9, 0xff]), '0'), 0);
  const sum = [...block].reduce(
    (total, byte, at) => total + (at >= 148 && at < 156 ? 32 : (byte << 24) >> 24),
    0,
  );
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
})();

function entryLike(name: string | Buffer, type: string) {
  return { name, type, mode: 0o644, uid: 0, gid: 0, mtime: 0, dialect: 'pax' as const };
}

test.each<Row>([
  {
    name: 'an old directory, a file whose name ends in a slash',
    tar: v7Directory,
    entry: { type: '5', path: 'old/', irregular: true },
  },
  {
    name: 'an old header with other bytes where newer ones have fields',
    tar: v7WithMore,
    entry: { path: 'old', irregular: true },
  },
  { name: 'the prefix of POSIX', tar: prefixed, entry: { path: 'some/prefix/name', irregular: false } },
  {
    name: 'the prefix that Go before 1.8 put into GNU headers',
    tar: goBefore18,
    entry: { path: 'some/prefix/name', irregular: true },
  },
  { name: "GNU's times, which are no prefix", tar: gnuTimes, entry: { path: 'name', irregular: false } },
  { name: 'a checksum of signed bytes', tar: signedSum, entry: { irregular: true } },
  {
    name: 'a PAX path over the name',
    tar: layer().file('short', '', { pax: { path: 'from/pax' } }),
    entry: { path: 'from/pax' },
  },
  {
    name: 'an empty PAX path, which says that the name counts',
    tar: layer().file('short', '', { pax: { path: '' } }),
    entry: { path: 'short' },
  },
  {
    name: 'a PAX size over the field',
    tar: layer().file('a', 'x'.repeat(600), { pax: { size: '600' } }),
    entry: { size: 600 },
  },
  { name: 'a base-256 size', tar: base256Size(), entry: { size: 5 } },
  {
    name: 'a directory with a size, which has no data',
    tar: sized('d/', '5'),
    entry: { size: 0, irregular: true },
  },
  {
    name: 'a file with a link name, which some readers drop',
    tar: layer().entry({ name: 'a', type: '0', link: 'x', content: 'data' }),
    entry: { size: 4, type: '0', irregular: true },
  },
  {
    name: "Solaris's extended header, which not every reader knows",
    tar: layer().raw(...solarisHeader()),
    entry: { path: 'named', irregular: true },
  },
  {
    name: 'a slash in the short name alone, which some readers take for a directory',
    tar: layer().raw(longNameEntry('L', 'long'), sealed(headerBlock(entryLike('short/', '\0'), 0))),
    entry: { path: 'long', irregular: true },
  },
  {
    name: 'junk where a GNU header has the map of a sparse file',
    tar: layer().raw(withJunk()),
    entry: { path: 'a', irregular: true },
  },
  {
    name: 'junk behind the NUL that ends a number',
    tar: changed((block) => block.write('644\0junk', 100)),
    entry: { path: 'a' },
  },
  {
    name: 'two extended headers for one entry',
    tar: layer().raw(...twoHeaders()),
    entry: { path: 'second', irregular: true },
  },
  {
    name: 'a volume label before it',
    tar: layer().entry({ name: 'label', type: 'V' }).file('a'),
    entry: { path: 'a', start: 512 },
  },
])('$name', ({ tar, entry }) => {
  expect(entriesOf(Buffer.isBuffer(tar) ? tar : tar.tar())[0]).toMatchObject(entry);
});

const sparseRecords = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 's' };
const withMap = (map: string, realSize = '2000'): Layer =>
  layer().file('x', Buffer.concat([Buffer.alloc(512, map.padEnd(512, '\0')), Buffer.alloc(600, 'd')]), {
    pax: { ...sparseRecords, 'GNU.sparse.realsize': realSize },
  });
const form01 = { 'GNU.sparse.size': '2000', 'GNU.sparse.map': '0,500,1024,100', 'GNU.sparse.name': 's' };

test.each<[string, Layer]>([
  ['1.0', withMap('2\n0\n500\n1024\n100\n')],
  ['1.0, of nothing but a hole', withMap('0\n')],
  ['0.1', layer().file('x', 'd'.repeat(600), { pax: form01 })],
])('a sparse file of form %s is read', (_, tar) => {
  expect(entriesOf(tar.tar())[0]).toMatchObject({ path: 's' });
});

test.each<[string, Layer]>([
  ['no map', layer().file('x', 'd', { pax: { 'GNU.sparse.name': 's' } })],
  ['a version that nobody knows', layer().file('x', 'd', { pax: { 'GNU.sparse.major': '2' } })],
  ['a map that is no list of numbers', withMap('2\n0\nx\n1024\n100\n')],
  ['a map that never ends', withMap('9999\n0\n1\n')],
  ['no size', withMap('0\n', '')],
  ['stretches out of order', withMap('2\n1024\n100\n0\n500\n')],
  ['a stretch behind the end', withMap('1\n1990\n100\n')],
  ['more stretches than data', withMap('1\n0\n601\n')],
  ['an odd number of numbers', layer().file('x', 'd', { pax: { ...form01, 'GNU.sparse.map': '0,1,2' } })],
  ['a map for a directory', layer().directory('x', { pax: form01 })],
  ['a size below zero in the old form', oldSparse((block) => block.fill(0xff, 483, 495))],
  ['the old form in a header that is not GNU’s', oldSparse((block) => block.write('ustar\x0000', 257))],
  ['a stretch that is no number in the old form', oldSparse((block) => block.write('x', 386))],
])('a sparse file with %s is refused', (_, tar) => {
  expect(() => entriesOf(tar.tar())).toThrow(/the map of the sparse file .* is wrong/);
});

function oldSparse(change: (block: Buffer) => void): Layer {
  const tar = layer()
    .sparse('s', { size: 9_000, pieces: [{ offset: 1_000, content: 'data' }] }, 'gnu-old')
    .tar();
  const block = tar.subarray(0, 512);
  change(block);
  sealed(block);
  return layer().raw(tar);
}

test.each<[string, Layer, RegExp]>([
  ['a mode that is no number', changed((block) => block.write('8', 100)), /no valid mode, owner/],
  ['an owner below zero in octal', changed((block) => block.write('-1', 108)), /no valid mode, owner/],
  ['a time that is no number', changed((block) => block.write('now', 136)), /no valid mode, owner/],
  ['a device of no number', changed((block) => block.write('x', 329)), /no valid mode, owner/],
  ['an owner below zero in base 256', changed((block) => block.fill(0xff, 108, 116)), /no valid mode, owner/],
  ['an owner beyond 32 bits', layer().file('a', '', { pax: { gid: '4294967296' } }), /no valid gid/],
  ['a time of its PAX header that is no number', brokenExtended(), /no valid mode, owner/],
  ['a PAX owner that is no number', layer().file('a', '', { pax: { uid: '1e9' } }), /no valid uid/],
  ['a PAX time that is none', layer().file('a', '', { pax: { mtime: 'nan' } }), /no valid mtime/],
  [
    'a global header that is cut off',
    layer().raw(sealed(headerBlock(entryLike('g', 'g'), 9999))),
    /global header/,
  ],
])('%s is refused', (_, tar, says) => {
  expect(() => entriesOf(tar.tar(0))).toThrow(says);
});

function withJunk(): Buffer {
  const block = headerBlock({ ...entryLike('a', '0'), dialect: 'gnu' }, 0);
  block.write('1 2', 386);
  return sealed(block);
}

function brokenExtended(): Layer {
  const header = extendedHeader('x', paxRecord('path', 'a'));
  header.write('now', 136);
  sealed(header.subarray(0, 512));
  return layer().raw(header, headerBlock(entryLike('a', '0'), 0));
}

function changed(change: (block: Buffer) => void, type = '0'): Layer {
  const block = headerBlock(entryLike('a', type), 0);
  change(block);
  return layer().raw(sealed(block));
}

function base256Size(): Buffer {
  const block = headerBlock(entryLike('a', '0'), 0);
  block.fill(0, 124, 136).writeUInt8(0x80, 124);
  block.writeUInt8(5, 135);
  return Buffer.concat([sealed(block), Buffer.alloc(512)]);
}

function sized(name: string, type: string): Buffer {
  return sealed(headerBlock(entryLike(name, type), 1234));
}

function solarisHeader(): Buffer[] {
  const [header, data] = [
    extendedHeader('x', paxRecord('path', 'named')),
    sealed(headerBlock(entryLike('x', '0'), 0)),
  ];
  header.write('X', 156);
  sealed(header.subarray(0, 512));
  return [header, data];
}

function twoHeaders(): Buffer[] {
  const named = (name: string): Buffer =>
    layer()
      .file('x', '', { pax: { path: name } })
      .tar(0)
      .subarray(0, 1024);
  return [named('first'), named('second'), sealed(headerBlock(entryLike('x', '0'), 0))];
}
