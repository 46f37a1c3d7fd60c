import { ByteReader } from './byte-reader.ts';

/**
 * A plain reader of tars: one entry after another, nothing clever. It shares no code with the project's own reader
 * nor with the writer of test layers, so that each of the three judges the others.
 */

export interface TarMember {
  /** Bytes, as latin1 text, verbatim. */
  readonly name: string;
  readonly type: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly device: string;
  readonly xattrs: Readonly<Record<string, string>>;
  /** Of the file, holes included. */
  readonly size: number;
  /** The file's bytes, holes as zeros. Read it before the next member, or it is skipped. */
  content(): AsyncIterable<Buffer>;
}

interface Region {
  readonly offset: number;
  readonly length: number;
}

type Records = ReadonlyMap<string, Buffer>;

const BLOCK = 512;

export async function* tarMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarMember> {
  const reader = new ByteReader(source);
  let records: Map<string, Buffer> = new Map();
  let longNames: Map<string, Buffer> = new Map();
  for (;;) {
    const header = await reader.read(BLOCK);
    if (header.length < BLOCK || header.every((byte) => byte === 0)) return;
    verifyChecksum(header);
    const type = header.toString('latin1', 156, 157);
    const stored = records.has('size') ? Number(records.get('size')) : readNumber(header, 124, 12);
    if ('xgLK'.includes(type)) {
      const content = await reader.read(stored);
      await reader.skip(padding(stored));
      // Of several PAX headers the last counts alone, as Go has it.
      if (type === 'x') records = parseRecords(content);
      if (type === 'L') longNames.set('path', untilNul(content));
      if (type === 'K') longNames.set('linkpath', untilNul(content));
      continue;
    }
    const body = new Body(reader, '0\0S7'.includes(type) ? stored : 0);
    yield await memberOf(header, type, new Map([...records, ...longNames]), body);
    await body.finish();
    records = new Map();
    longNames = new Map();
  }
}

/** The stored bytes of one member. */
class Body {
  readonly #reader: ByteReader;
  readonly #stored: number;
  #left: number;

  constructor(reader: ByteReader, stored: number) {
    this.#reader = reader;
    this.#stored = stored;
    this.#left = stored;
  }

  get stored(): number {
    return this.#stored;
  }

  get reader(): ByteReader {
    return this.#reader;
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    for await (const piece of this.#reader.pieces(length)) {
      this.#left -= piece.length;
      yield piece;
    }
  }

  async read(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async finish(): Promise<void> {
    await this.#reader.skip(this.#left + padding(this.#stored));
  }
}

async function memberOf(header: Buffer, type: string, records: Records, body: Body): Promise<TarMember> {
  const text = (key: string, plain: () => string) => records.get(key)?.toString('latin1') ?? plain();
  const number = (key: string, plain: () => number) => Number(records.get(key) ?? plain());
  const { size, regions } = await sparseMap(header, type, records, body);
  const name = text('GNU.sparse.name', () => text('path', () => plainName(header)));
  // Before POSIX, a directory was a file whose name ends in a slash.
  const isOldDirectory = type === '\0' && name.endsWith('/');
  return {
    name,
    type: isOldDirectory ? '5' : type === '\0' || type === 'S' || type === '7' ? '0' : type,
    link: text('linkpath', () => untilNul(header.subarray(157, 257)).toString('latin1')),
    mode: readNumber(header, 100, 8) & 0o7777,
    uid: number('uid', () => readNumber(header, 108, 8)),
    gid: number('gid', () => readNumber(header, 116, 8)),
    mtime: records.has('mtime')
      ? nanoseconds(String(records.get('mtime')))
      : BigInt(readNumber(header, 136, 12)) * 1_000_000_000n,
    device: `${readNumber(header, 329, 8)}:${readNumber(header, 337, 8)}`,
    xattrs: xattrsOf(records),
    size,
    content: () => expanded(body, size, regions),
  };
}

/** POSIX puts a long name's beginning into `prefix`; GNU has other fields there, and another magic. */
function plainName(header: Buffer): string {
  const name = untilNul(header.subarray(0, 100)).toString('latin1');
  const posix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? untilNul(header.subarray(345, 500)).toString('latin1') : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

async function sparseMap(
  header: Buffer,
  type: string,
  records: Records,
  body: Body,
): Promise<{ size: number; regions: Region[] }> {
  if (type === 'S') {
    const regions = readRegions(header, 386, 4);
    let more = header[482] === 1;
    while (more) {
      const block = await body.reader.read(BLOCK);
      regions.push(...readRegions(block, 0, 21));
      more = block[504] === 1;
    }
    return { size: readNumber(header, 483, 12), regions };
  }
  if (records.has('GNU.sparse.major')) {
    return { size: Number(records.get('GNU.sparse.realsize')), regions: await readPaxMap(body) };
  }
  return { size: body.stored, regions: [{ offset: 0, length: body.stored }] };
}

function readRegions(block: Buffer, start: number, count: number): Region[] {
  const regions: Region[] = [];
  for (let at = start; at < start + count * 24 && block[at] !== 0; at += 24) {
    regions.push({ offset: readNumber(block, at, 12), length: readNumber(block, at + 12, 12) });
  }
  return regions;
}

/** PAX sparse form 1.0: decimal numbers, a line each, before the data: the count, then offset and length of each. */
async function readPaxMap(body: Body): Promise<Region[]> {
  let text = '';
  for (;;) {
    text += (await body.read(BLOCK)).toString('latin1');
    const numbers = text.split('\n').slice(0, -1).map(Number);
    const [count = Number.POSITIVE_INFINITY, ...rest] = numbers;
    if (rest.length < count * 2) continue;
    return Array.from({ length: count }, (_, index) => ({
      offset: rest[index * 2] ?? 0,
      length: rest[index * 2 + 1] ?? 0,
    }));
  }
}

async function* expanded(body: Body, size: number, regions: readonly Region[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const { offset, length } of regions) {
    yield* zeros(offset - at);
    yield* body.pieces(length);
    at = offset + length;
  }
  yield* zeros(size - at);
}

/** The most that a test can want to expand. */
export const MOST_ZEROS = 2 ** 30;

function* zeros(length: number): Generator<Buffer> {
  if (length > MOST_ZEROS) throw new RangeError(`a hole of ${length} bytes`);
  const piece = Buffer.alloc(Math.min(Math.max(length, 0), 1 << 20));
  for (let left = length; left > 0; left -= piece.length) yield piece.subarray(0, left);
}

function verifyChecksum(header: Buffer): void {
  let sum = 8 * 0x20;
  for (const [index, byte] of header.entries()) if (index < 148 || index >= 156) sum += byte;
  if (sum !== readNumber(header, 148, 8)) throw new Error('a tar header has a wrong checksum');
}

/** Octal text, or with the top bit set a big-endian two's complement (GNU's base-256). */
function readNumber(block: Buffer, start: number, width: number): number {
  const field = block.subarray(start, start + width);
  const first = field[0] ?? 0;
  if (first < 0x80) return Number.parseInt(untilNul(field).toString('latin1').trim() || '0', 8);
  const unsigned = field.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  const bits = width * 8;
  return Number(first === 0xff ? unsigned - (1n << BigInt(bits)) : unsigned - (0x80n << BigInt(bits - 8)));
}

function parseRecords(content: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(' ', at);
    const length = Number(content.toString('latin1', at, space));
    const equals = content.indexOf('=', space);
    records.set(content.toString('utf8', space + 1, equals), content.subarray(equals + 1, at + length - 1));
    at += length;
  }
  return records;
}

function xattrsOf(records: Records): Record<string, string> {
  const xattrs: Record<string, string> = {};
  for (const [key, value] of records) {
    if (key.startsWith('SCHILY.xattr.')) xattrs[key.slice('SCHILY.xattr.'.length)] = value.toString('hex');
  }
  return xattrs;
}

/** Decimal seconds, perhaps negative, perhaps with a fraction, as nanoseconds. */
function nanoseconds(text: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(text) ?? [];
  const value = BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

function untilNul(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end === -1 ? field : field.subarray(0, end);
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
