/**
 * Writes single tar entries as they are asked for, legal or not; layers of odd tools and hostile ones can't be made
 * with a library that knows better. POSIX.1-2024 pax, and GNU tar's manual, "Basic Tar Format".
 */

/** Text stands for its UTF-8 bytes; a Buffer for a name that is no UTF-8. */
export type Name = string | Buffer;

/** One entry, verbatim: nothing is normalised. */
export interface TarEntry {
  readonly name: Name;
  /** The type flag: `0` file, `1` hard link, `2` symlink, `3` char, `4` block device, `5` directory, `6` fifo. */
  readonly type: string;
  readonly content?: Name;
  readonly link?: Name;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname?: string;
  readonly gname?: string;
  /** Seconds; fractions and negative ones are allowed. */
  readonly mtime: number;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, Name>>;
  /** Further PAX records, after those that the entry needs, so that they win. */
  readonly pax?: Readonly<Record<string, Name>>;
  /** How what does not fit the plain header is told: PAX records, or GNU's `L`, `K` and base-256 numbers. */
  readonly dialect: 'pax' | 'gnu';
}

const BLOCK = 512;

export function bytesOf(name: Name): Buffer {
  return typeof name === 'string' ? Buffer.from(name, 'utf8') : name;
}

/** The zeros that fill `content` up to a whole block. */
export function padding(content: Buffer): Buffer {
  return Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
}

/** The entry's bytes, in pieces, so that large content is not copied. */
export function encodeEntry(entry: TarEntry): Buffer[] {
  const content = bytesOf(entry.content ?? '');
  const before = entry.dialect === 'pax' ? paxPrelude(entry, content.length) : gnuPrelude(entry);
  return [before, headerBlock(entry, content.length), content, padding(content)];
}

/** The 512 bytes of a header. Names are cut, and numbers of the PAX dialect zeroed, where they don't fit. */
export function headerBlock(entry: TarEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const number = entry.dialect === 'gnu' ? writeGnuNumber : writeOctal;
  bytesOf(entry.name).copy(block, 0, 0, 100);
  writeOctal(block, 100, 8, entry.mode);
  number(block, 108, 8, entry.uid);
  number(block, 116, 8, entry.gid);
  number(block, 124, 12, size);
  number(block, 136, 12, Math.floor(entry.mtime));
  block.write(entry.type, 156, 'latin1');
  bytesOf(entry.link ?? '').copy(block, 157, 0, 100);
  block.write(entry.dialect === 'gnu' ? 'ustar  \0' : 'ustar\x0000', 257, 'latin1');
  block.write(entry.uname ?? '', 265, 31, 'utf8');
  block.write(entry.gname ?? '', 297, 31, 'utf8');
  if (entry.device !== undefined) {
    number(block, 329, 8, entry.device.major);
    number(block, 337, 8, entry.device.minor);
  }
  return sealed(block);
}

/** Writes the checksum: the sum of all bytes, the checksum's own taken as spaces. */
export function sealed(block: Buffer): Buffer {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function writeOctal(block: Buffer, offset: number, width: number, value: number): void {
  const digits = value < 0 ? '0' : value.toString(8);
  const text = digits.length < width ? digits : '0';
  block.write(`${text.padStart(width - 1, '0')}\0`, offset, 'latin1');
}

/** Octal where it fits, else base-256: the top bit set, then a big-endian two's complement. */
export function writeGnuNumber(block: Buffer, offset: number, width: number, value: number): void {
  if (value >= 0 && value < 8 ** (width - 1)) {
    writeOctal(block, offset, width, value);
    return;
  }
  let rest = BigInt(value);
  for (let index = offset + width - 1; index >= offset; index--) {
    block[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block.writeUInt8(value < 0 ? 0xff : 0x80, offset);
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
export function paxRecord(key: string, value: Name): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), bytesOf(value), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length > length) length++;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** An extended header: `x` for the next entry, `g` for all that follow. */
export function extendedHeader(type: 'x' | 'g', records: Buffer): Buffer {
  const name = type === 'x' ? 'PaxHeaders/entry' : 'GlobalHead/entry';
  return encodeAuxiliary(name, type, records, 'pax');
}

function encodeAuxiliary(name: string, type: string, content: Buffer, dialect: 'pax' | 'gnu'): Buffer {
  const entry: TarEntry = { name, type, mode: 0o644, uid: 0, gid: 0, mtime: 0, dialect };
  return Buffer.concat([headerBlock(entry, content.length), content, padding(content)]);
}

function paxPrelude(entry: TarEntry, size: number): Buffer {
  const records = [
    ...(needsRecord(bytesOf(entry.name)) ? [paxRecord('path', entry.name)] : []),
    ...(entry.link !== undefined && needsRecord(bytesOf(entry.link))
      ? [paxRecord('linkpath', entry.link)]
      : []),
    ...(entry.uid >= 8 ** 7 ? [paxRecord('uid', String(entry.uid))] : []),
    ...(entry.gid >= 8 ** 7 ? [paxRecord('gid', String(entry.gid))] : []),
    ...(size >= 8 ** 11 ? [paxRecord('size', String(size))] : []),
    ...(needsTimeRecord(entry.mtime) ? [paxRecord('mtime', String(entry.mtime))] : []),
    ...extraRecords(entry),
  ];
  return records.length === 0 ? Buffer.alloc(0) : extendedHeader('x', Buffer.concat(records));
}

/** What the plain header can't hold: more than 100 bytes, or bytes beyond ASCII (whose meaning it leaves open). */
function needsRecord(name: Buffer): boolean {
  return name.length > 100 || name.some((byte) => byte >= 0x80);
}

function needsTimeRecord(mtime: number): boolean {
  return mtime < 0 || mtime >= 8 ** 11 || !Number.isInteger(mtime);
}

/** What stands before an entry of GNU's dialect, which has no form for extended attributes but PAX's. */
export function gnuPrelude(entry: TarEntry): Buffer {
  const parts: Buffer[] = [];
  const records = extraRecords(entry);
  if (records.length > 0) parts.push(extendedHeader('x', Buffer.concat(records)));
  if (entry.link !== undefined && bytesOf(entry.link).length > 100) parts.push(longName('K', entry.link));
  if (bytesOf(entry.name).length > 100) parts.push(longName('L', entry.name));
  return Buffer.concat(parts);
}

export function longName(type: 'L' | 'K', name: Name): Buffer {
  return encodeAuxiliary('././@LongLink', type, Buffer.concat([bytesOf(name), Buffer.alloc(1)]), 'gnu');
}

function extraRecords(entry: TarEntry): Buffer[] {
  const xattrs = Object.entries(entry.xattrs ?? {}).map(([key, value]) =>
    paxRecord(`SCHILY.xattr.${key}`, value),
  );
  return [...xattrs, ...Object.entries(entry.pax ?? {}).map(([key, value]) => paxRecord(key, value))];
}
