import { extendedHeader, headerBlock, longName, paxRecord, sealed } from '../images/tar-entry.ts';
import { bytes } from './layer-entry.ts';
import type { Random } from './random.ts';

const BLOCK = 512;

/** Where a field begins, and how wide it is. */
type Place = readonly [start: number, width: number];

const mode: Place = [100, 8];
const name: Place = [0, 100];
const numbers: readonly [Place, ...Place[]] = [
  ...([mode, [108, 8], [116, 8], [124, 12], [124, 12]] as const),
  ...([
    [136, 12],
    [329, 8],
    [337, 8],
    [345, 12],
    [386, 12],
  ] as const),
];
const texts: readonly [Place, ...Place[]] = [name, [157, 100], [257, 8], [265, 32], [345, 155]];

const badNumbers = [
  '',
  ' ',
  '0',
  '7777777777777',
  '-1',
  '8',
  '1 2',
  '0x10',
  '\x80\0\0\0\0\0\0\x01',
  '\xff\xff',
  '000001\0',
];
const badTexts = [
  '',
  '/',
  '..',
  'a/../../b',
  '.wh.',
  '.wh.a',
  '\xff\xfe',
  'a\0b',
  'x'.repeat(155),
  'ustar',
  'ustar  ',
  './',
];
const paxKeys = [
  ...['path', 'linkpath', 'size', 'uid', 'gid', 'mtime', 'SCHILY.xattr.user.x', 'hdrcharset', 'comment', ''],
  ...['GNU.sparse.major', 'GNU.sparse.minor', 'GNU.sparse.name', 'GNU.sparse.realsize', 'GNU.sparse.map'],
  ...['GNU.sparse.size', 'GNU.sparse.numblocks', 'GNU.sparse.offset', 'GNU.sparse.numbytes'],
];
const paxValues = [
  ...[
    '',
    '0',
    '1',
    '-1',
    '5',
    '1e9',
    '99999999999999999999',
    '512',
    'a',
    'a/b',
    '../../a',
    '.wh.a',
    '\0',
    'a\nb',
  ],
  ...['n'.repeat(300), 'nan', '1.5', ' 1'],
];
const types = '\x000123456789ADKLMNSVXgx\xff';

/** A tar with some of its bytes changed as errors and attackers change them; headers mostly with a right checksum. */
export function mutatedTar(tar: Buffer, random: Random): Buffer {
  let mutated: Buffer = Buffer.from(tar);
  for (let left = 1 + random.below(3); left > 0; left--) mutated = mutate(mutated, random);
  return mutated;
}

function mutate(tar: Buffer, random: Random): Buffer {
  const at = BLOCK * random.below(Math.max(1, Math.floor(tar.length / BLOCK)));
  const header = headerNear(tar, at);
  const change = random.weighted<() => Buffer>([
    [3, () => changed(tar, header, (block) => put(block, random.pick(numbers), random.any(badNumbers)))],
    [3, () => changed(tar, header, (block) => put(block, random.pick(texts), random.any(badTexts)))],
    [
      3,
      () =>
        changed(
          tar,
          header,
          (block) => void block.write(types[random.below(types.length)] ?? '', 156, 'latin1'),
        ),
    ],
    [2, () => changed(tar, header, (block) => void block.writeUInt8(random.below(256), random.below(BLOCK)))],
    [3, () => inserted(tar, header, paxHeader(random))],
    [1, () => inserted(tar, header, longName(random.pick(['L', 'K']), bytes(random.any(badTexts) ?? '')))],
    [1, () => inserted(tar, header, extendedHeader('g', paxRecord('path', 'global')))],
    [1, () => inserted(tar, at, Buffer.alloc(BLOCK * random.below(3), random.below(2)))],
    [1, () => inserted(tar, at, strayHeader(random))],
    [1, () => Buffer.concat([tar.subarray(0, at), tar.subarray(at + BLOCK)])],
    [1, () => inserted(tar, at, tar.subarray(header, header + BLOCK))],
    [1, () => tar.subarray(0, random.below(tar.length + 1))],
    [1, () => flipped(tar, random)],
  ]);
  return change?.() ?? tar;
}

/** The last header that begins at or before a place. */
function headerNear(tar: Buffer, at: number): number {
  for (let start = at; start > 0; start -= BLOCK) {
    if (tar.toString('latin1', start + 257, start + 262) === 'ustar') return start;
  }
  return 0;
}

function changed(tar: Buffer, at: number, change: (block: Buffer) => void): Buffer {
  if (at + BLOCK > tar.length) return tar;
  const block = Buffer.from(tar.subarray(at, at + BLOCK));
  change(block);
  return Buffer.concat([tar.subarray(0, at), sealed(block), tar.subarray(at + BLOCK)]);
}

function put(block: Buffer, [start, width]: Place, text = ''): void {
  block.fill(0, start, start + width);
  block.write(text.slice(0, width), start, 'latin1');
}

function inserted(tar: Buffer, at: number, added: Buffer): Buffer {
  return Buffer.concat([tar.subarray(0, at), added, tar.subarray(at)]);
}

/** Of one or two records, now and then with a length that is a lie. */
function paxHeader(random: Random): Buffer {
  const records = Array.from({ length: 1 + random.below(2) }, () =>
    paxRecord(random.any(paxKeys) ?? '', bytes(random.any(paxValues) ?? '')),
  );
  const data = Buffer.concat(records);
  if (random.chance(0.2)) data.writeUInt8(random.below(256), random.below(data.length));
  return extendedHeader('x', data);
}

function strayHeader(random: Random): Buffer {
  const attributes = { mode: 0o644, uid: 0, gid: 0, mtime: 0, dialect: 'gnu' } as const;
  const [name, link] = [bytes(random.any(badTexts) ?? ''), bytes(random.any(badTexts) ?? '')];
  const type = types[random.below(types.length)] ?? '0';
  return headerBlock({ ...attributes, name, link, type }, random.pick([0, 0, 1, 512, 1e6, 2 ** 40]));
}

function flipped(tar: Buffer, random: Random): Buffer {
  if (tar.length === 0) return tar;
  const copy = Buffer.from(tar);
  const at = random.below(copy.length);
  copy.writeUInt8(copy.readUInt8(at) ^ (1 << random.below(8)), at);
  return copy;
}
