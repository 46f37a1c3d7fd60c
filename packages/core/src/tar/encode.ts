import { isUtf8 } from 'node:buffer';
import {
  BLOCK,
  dialectOf,
  type Field,
  field,
  isLink,
  padded,
  Type,
  writeChecksum,
  writeOctal,
  writeText,
} from './block.ts';
import { hasStrayPrefix } from './odd-headers.ts';
import { encodePax, type PaxRecord } from './pax.ts';

/** An entry's header as it was read, to be written anew under another name. */
export interface OriginalHeader {
  /** The entry's own header block; it is copied, not changed. */
  readonly block: Buffer;
  readonly pax: readonly PaxRecord[];
  /** As the headers spell it. */
  readonly link: Buffer;
  readonly type: number;
  /** Bytes of data as stored. */
  readonly size: number;
  /** What stands between the header block and the data: an old GNU sparse file's further map blocks. */
  readonly sparseMap: Buffer;
}

const NO_BYTES = Buffer.alloc(0);
const SLASH = Buffer.from('/');
const METADATA_KEYS = new Set(['uid', 'gid', 'uname', 'gname', 'mtime', 'atime', 'ctime', 'hdrcharset']);
const NAME_KEYS = new Set(['path', 'linkpath']);

/** The header blocks of an entry under a new name, all else as it was. `path` has no trailing slash. */
export function renamedHeader(original: OriginalHeader, path: Buffer): Buffer {
  const { type, size, sparseMap } = original;
  const block = Buffer.from(original.block);
  block[field.typeflag[0]] = type;
  let pax = original.pax.filter(({ key }) => !NAME_KEYS.has(key));
  pax = pax.map((record) => (record.key === 'GNU.sparse.name' ? { key: record.key, value: path } : record));
  if (size === 0) {
    // A link, directory or device with a size: readers disagree on whether data follows. None does here.
    writeOctal(block, field.size, 0);
    pax = pax.filter(({ key }) => key !== 'size');
  }
  const name = type === Type.directory ? Buffer.concat([path, SLASH]) : path;
  const link = isLink(type) ? original.link : NO_BYTES;
  return encode({ block, pax, name, link, sparseMap });
}

/** The header of one more name of the inode that `original` made, whose first name in the output is `target`. */
export function hardlinkHeader(original: OriginalHeader, path: Buffer, target: Buffer): Buffer {
  const block = Buffer.from(original.block);
  block[field.typeflag[0]] = Type.hardlink;
  writeOctal(block, field.size, 0);
  const pax = original.pax.filter(({ key }) => METADATA_KEYS.has(key));
  return encode({ block, pax, name: path, link: target, sparseMap: NO_BYTES });
}

/** The header of a directory or an empty file that no layer has an entry for; root:root, at the epoch. */
export function plainHeader(
  type: typeof Type.directory | typeof Type.file,
  path: Buffer,
  mode: number,
): Buffer {
  const block = Buffer.alloc(BLOCK);
  writeOctal(block, field.mode, mode);
  for (const numeric of [field.uid, field.gid, field.size, field.mtime]) writeOctal(block, numeric, 0);
  block[field.typeflag[0]] = type;
  block.write('ustar\x0000', field.magic[0], 'latin1');
  const name = type === Type.directory ? Buffer.concat([path, SLASH]) : path;
  return encode({ block, pax: [], name, link: NO_BYTES, sparseMap: NO_BYTES });
}

/** The two zero blocks that end an archive. POSIX.1-2017 pax, "ustar Interchange Format". */
export const END_OF_ARCHIVE = Buffer.alloc(2 * BLOCK);

interface Parts {
  /** Its numbers are final; name, link and checksum are filled in here. */
  readonly block: Buffer;
  readonly pax: readonly PaxRecord[];
  readonly name: Buffer;
  readonly link: Buffer;
  readonly sparseMap: Buffer;
}

function encode({ block, pax, name, link, sparseMap }: Parts): Buffer {
  const dialect = dialectOf(block);
  // A GNU block keeps times and sparse maps where others have the prefix, unless Go once wrote a prefix there.
  if (dialect === 'v7') block.fill(0, field.magic[0]);
  if (dialect === 'ustar') block.fill(0, field.prefix[0], field.prefix[1]);
  if (dialect === 'star') block.fill(0, field.starPrefix[0], field.starPrefix[1]);
  if (dialect === 'gnu') {
    if (hasStrayPrefix(block)) block.fill(0, field.prefix[0], field.gnuSparseMap[0]);
    if (block[field.typeflag[0]] !== Type.gnuSparse) block.fill(0, ...field.gnuSparseMap);
  }
  const paxFits = pax.length > 0 || dialect === 'ustar' || dialect === 'star';
  const records: PaxRecord[] = [];
  const longEntries: Buffer[] = [];
  const place = (at: Field, text: Buffer, key: string, longType: number): void => {
    writeText(block, at, text);
    if (text.length <= at[1] - at[0]) return;
    // PAX text is UTF-8; what is not, goes into GNU's long-name entry, whose bytes nobody interprets.
    if (paxFits && isUtf8(text)) records.push({ key, value: text });
    else longEntries.push(extendedHeader(longType, Buffer.concat([text, Buffer.alloc(1)])));
  };
  place(field.name, name, 'path', Type.gnuLongName);
  place(field.linkname, link, 'linkpath', Type.gnuLongLink);
  writeChecksum(block);
  records.push(...pax);
  const extended = records.length > 0 ? [extendedHeader(Type.pax, encodePax(records))] : [];
  return Buffer.concat([...extended, ...longEntries, block, sparseMap]);
}

/** Written as every writer names them, so that old readers, which unpack them as files, make no new harm. */
function extendedHeader(type: number, data: Buffer): Buffer {
  const block = Buffer.alloc(BLOCK);
  const gnu = type !== Type.pax;
  writeText(block, field.name, Buffer.from(gnu ? '././@LongLink' : 'PaxHeaders/0'));
  writeOctal(block, field.mode, 0o644);
  for (const numeric of [field.uid, field.gid, field.mtime]) writeOctal(block, numeric, 0);
  writeOctal(block, field.size, data.length);
  block[field.typeflag[0]] = type;
  block.write(gnu ? 'ustar  \0' : 'ustar\x0000', field.magic[0], 'latin1');
  writeChecksum(block);
  return Buffer.concat([block, data, Buffer.alloc(padded(data.length) - data.length)]);
}
