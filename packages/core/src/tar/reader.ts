import { DimgxError } from '../errors.ts';
import {
  BLOCK,
  blockSum,
  type Dialect,
  dialectOf,
  field,
  isHeaderOnly,
  isZeroBlock,
  numberField,
  padded,
  signedBlockSum,
  Type,
  textField,
} from './block.ts';
import { type PaxRecord, parsePax, paxNumber, paxValue } from './pax.ts';

/** Fills `target` with bytes from `position`; returns how many there were, 0 at the end. May give fewer than asked. */
export type ReadAt = (target: Uint8Array, position: number) => number;

export interface TarLimits {
  /** Bytes of one extended header. */
  readonly headerBytes: number;
  /** Bytes of one path or link target. */
  readonly pathBytes: number;
}

/**
 * One entry: where it lies and what its headers say. The reader reuses the object, and `path` and `link` view its
 * window: both are valid until the next call of `next`. Offsets are from the start of the tar.
 */
export interface TarEntry {
  /** The first block that belongs to the entry, its extended headers included. */
  start: number;
  /** Where the entry's own header block lies. */
  header: number;
  /** A view of that block, valid as `path` is. */
  block: Buffer;
  /** Just behind the headers. */
  data: number;
  /** Bytes of data as stored; for a sparse file, what is left of it. */
  size: number;
  /** Just behind the padded data. */
  end: number;
  type: number;
  dialect: Dialect;
  /** As the headers spell it: extended headers applied, not cleaned. */
  path: Buffer;
  link: Buffer;
  pax: readonly PaxRecord[];
  /** Readers may disagree on the blocks as they stand, so they can't be passed on unchanged. */
  irregular: boolean;
}

const WINDOW = 64 * 1024;

/**
 * Reads the headers of a tar that lies in a seekable file, jumping over the data. Every checksum is verified.
 *
 * Throws `LAYER_INVALID`, `LAYER_TRUNCATED` or `LIMIT_EXCEEDED`; the caller puts the layer or archive before it.
 * Ends at two zero blocks, or where the bytes end between two entries.
 */
export class TarReader {
  readonly #readAt: ReadAt;
  readonly #size: number;
  readonly #limits: TarLimits;
  readonly #window = Buffer.from(new ArrayBuffer(WINDOW));
  readonly #words = new Int32Array(this.#window.buffer);
  #windowStart = 0;
  #windowLength = 0;
  #position = 0;
  readonly #entry: TarEntry;

  /** `size` is the length of the tar in bytes; reading begins at the first entry. */
  constructor(readAt: ReadAt, size: number, limits: TarLimits) {
    this.#readAt = readAt;
    this.#size = size;
    this.#limits = limits;
    const none = Buffer.alloc(0);
    this.#entry = {
      start: 0,
      header: 0,
      block: none,
      data: 0,
      size: 0,
      end: 0,
      type: 0,
      dialect: 'ustar',
      path: none,
      link: none,
      pax: [],
      irregular: false,
    };
  }

  /** Goes on at another entry, whose first block lies at `position`. */
  seek(position: number): void {
    this.#position = position;
  }

  /** The next entry, or undefined at the end of the tar. */
  next(): TarEntry | undefined {
    const entry = this.#entry;
    const extended: ExtendedHeaders = { pax: [], name: undefined, link: undefined, count: 0 };
    let start = this.#position;
    for (;;) {
      const block = this.#headerAt(this.#position);
      if (block === undefined) {
        if (extended.count > 0) throw truncated('the tar ends behind an extended header');
        return undefined;
      }
      const type = block[field.typeflag[0]];
      const size = this.#sizeOf(block);
      switch (type) {
        case Type.pax:
        case Type.solarisPax:
        case Type.gnuLongName:
        case Type.gnuLongLink:
          this.#readExtended(type, size, extended);
          break;
        case Type.paxGlobal:
        case Type.volumeLabel:
          // A global header is not applied (its records would spread over entries of other layers); what follows
          // it starts anew.
          this.#position += BLOCK + padded(size);
          if (extended.count === 0) start = this.#position;
          else entry.irregular = true;
          break;
        default:
          this.#fill(block, type, size, start, extended);
          return entry;
      }
    }
  }

  #fill(block: Buffer, type: number, headerSize: number, start: number, extended: ExtendedHeaders): void {
    const entry = this.#entry;
    const { pax } = extended;
    entry.start = start;
    entry.header = this.#position;
    entry.block = block;
    entry.dialect = dialectOf(block);
    entry.type = type;
    entry.pax = pax;
    entry.irregular = extended.count > 1 || !this.#plainChecksum(block);
    entry.size = pax.length === 0 ? headerSize : this.#paxSize(pax, headerSize);
    entry.path =
      extended.name ?? paxValue(pax, 'GNU.sparse.name') ?? paxValue(pax, 'path') ?? this.#path(block);
    entry.link = extended.link ?? paxValue(pax, 'linkpath') ?? textField(block, field.linkname);
    entry.data = entry.header + BLOCK;
    if (type === Type.gnuSparse && block[field.gnuSparseExtended[0]] !== 0)
      entry.data = this.#sparseEnd(entry.data);
    this.#checkType(type, entry);
    if (entry.data + entry.size > this.#size)
      throw truncated(`${show(entry.path)} ends behind the end of the tar`);
    entry.end = entry.data + padded(entry.size);
    this.#position = entry.end;
  }

  #checkType(type: number, entry: TarEntry): void {
    const { pathBytes } = this.#limits;
    if (entry.path.length > pathBytes || entry.link.length > pathBytes) {
      throw new DimgxError('LIMIT_EXCEEDED', `a path is longer than ${pathBytes} bytes: ${show(entry.path)}`);
    }
    if (entry.path.includes(0) || entry.link.includes(0))
      throw invalid(`a path holds a NUL byte: ${show(entry.path)}`);
    if (isHeaderOnly(type)) {
      if (entry.size !== 0) entry.irregular = true;
      entry.size = 0;
      return;
    }
    if (type === Type.oldFile) {
      // Before POSIX, a directory was a file whose name ends in a slash.
      if (entry.path.length > 0 && entry.path[entry.path.length - 1] === 0x2f) {
        entry.type = Type.directory;
        entry.size = 0;
        entry.irregular = true;
      }
      return;
    }
    if (type !== Type.file && type !== Type.contiguous && type !== Type.gnuSparse) {
      throw invalid(
        `${show(entry.path)} is of the unknown type ${JSON.stringify(String.fromCharCode(type))}`,
      );
    }
  }

  /** Reads the extended header at the current position into `extended` and moves behind it. */
  #readExtended(type: number, size: number, extended: ExtendedHeaders): void {
    if (size > this.#limits.headerBytes) {
      throw new DimgxError(
        'LIMIT_EXCEEDED',
        `an extended header of ${size} bytes is over ${this.#limits.headerBytes}`,
      );
    }
    const data = this.#copy(this.#position + BLOCK, size);
    this.#position += BLOCK + padded(size);
    extended.count++;
    if (type === Type.gnuLongName) extended.name = untilNul(data);
    else if (type === Type.gnuLongLink) extended.link = untilNul(data);
    else {
      const records = parsePax(data);
      if (records === undefined) throw invalid('an extended header has malformed PAX records');
      extended.pax = records;
    }
  }

  #path(block: Buffer): Buffer {
    const name = textField(block, field.name);
    const prefix = this.#prefix(block);
    if (prefix.length === 0) return name;
    return Buffer.concat([prefix, Buffer.from('/'), name]);
  }

  #prefix(block: Buffer): Buffer {
    const none = block.subarray(0, 0);
    switch (this.#entry.dialect) {
      case 'ustar':
        return textField(block, field.prefix);
      case 'star':
        return textField(block, field.starPrefix);
      case 'v7':
        return none;
      case 'gnu': {
        // Go before 1.8 (so Docker before 1.13) wrote a prefix into GNU blocks, where times belong.
        const times =
          numberField(block, field.gnuAtime) !== undefined &&
          numberField(block, field.gnuCtime) !== undefined;
        if (times) return none;
        const prefix = textField(block, field.prefix);
        if (prefix.some((byte) => byte < 0x20 || byte > 0x7e)) return none;
        this.#entry.irregular = true;
        return prefix;
      }
    }
  }

  #sizeOf(block: Buffer): number {
    const size = numberField(block, field.size);
    if (size === undefined || size < 0)
      throw invalid(`a header has no valid size: ${show(textField(block, field.name))}`);
    return size;
  }

  #paxSize(pax: readonly PaxRecord[], headerSize: number): number {
    const value = paxValue(pax, 'size');
    if (value === undefined) return headerSize;
    const size = paxNumber(value);
    if (size === undefined) throw invalid('a PAX record has no valid size');
    return size;
  }

  /** Old GNU sparse maps go on in blocks of 21 pairs behind the header, each saying whether another follows. */
  #sparseEnd(position: number): number {
    let end = position;
    for (let more = true; more; end += BLOCK) {
      if (end - position > this.#limits.headerBytes) {
        throw new DimgxError('LIMIT_EXCEEDED', `a sparse map is over ${this.#limits.headerBytes} bytes`);
      }
      more = this.#copy(end, BLOCK)[504] !== 0;
    }
    return end;
  }

  /** The verified header block at `position`; undefined at the end of the tar. */
  #headerAt(position: number): Buffer | undefined {
    if (position >= this.#size) return undefined;
    const offset = this.#load(position, BLOCK);
    const block = this.#window.subarray(offset, offset + BLOCK);
    if (block[0] === 0 && isZeroBlock(this.#words, offset / 4)) {
      this.#checkEnd(position + BLOCK);
      return undefined;
    }
    if (!this.#plainChecksum(block) && signedBlockSum(block) !== numberField(block, field.checksum)) {
      throw invalid(`the header at byte ${position} has a wrong checksum`);
    }
    return block;
  }

  /** One zero block alone is no end: what follows would be lost without a word. */
  #checkEnd(position: number): void {
    if (position + BLOCK > this.#size) return;
    const offset = this.#load(position, BLOCK);
    if (!isZeroBlock(this.#words, offset / 4)) throw invalid(`a lone zero block at byte ${position - BLOCK}`);
  }

  #plainChecksum(block: Buffer): boolean {
    const start = (block.byteOffset - this.#window.byteOffset) / 4;
    return blockSum(this.#words, start, block) === numberField(block, field.checksum);
  }

  /** Makes `length` bytes from `position` available and returns their offset in the window. */
  #load(position: number, length: number): number {
    const offset = position - this.#windowStart;
    if (offset >= 0 && offset + length <= this.#windowLength) return offset;
    this.#windowStart = position;
    this.#windowLength = this.#readFully(this.#window, position, length);
    if (this.#windowLength < length) throw truncated(`the tar ends in a header at byte ${position}`);
    return 0;
  }

  #copy(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    if (this.#readFully(bytes, position, length) < length)
      throw truncated('the tar ends in an extended header');
    return bytes;
  }

  /** Reads at least `enough` bytes where there are so many, up to the whole target, never beyond the tar. */
  #readFully(target: Buffer, position: number, enough: number): number {
    const most = Math.min(target.length, this.#size - position);
    let length = 0;
    while (length < enough && length < most) {
      const count = this.#readAt(target.subarray(length, most), position + length);
      if (count === 0) break;
      length += count;
    }
    return length;
  }
}

interface ExtendedHeaders {
  pax: PaxRecord[];
  name: Buffer | undefined;
  link: Buffer | undefined;
  count: number;
}

function untilNul(data: Buffer): Buffer {
  const nul = data.indexOf(0);
  return nul === -1 ? data : data.subarray(0, nul);
}

function invalid(message: string): DimgxError {
  return new DimgxError('LAYER_INVALID', message);
}

function truncated(message: string): DimgxError {
  return new DimgxError('LAYER_TRUNCATED', message);
}

/** A path for a message: printable, bounded. */
export function show(path: Uint8Array): string {
  const text = JSON.stringify(Buffer.from(path.subarray(0, 300)).toString('utf8'));
  return path.length > 300 ? `${text}…` : text;
}
