import { BLOCK, type Dialect, dialectOf, field, isHeaderOnly, padded, Type, textField } from './block.ts';
import { inQuotes, invalid, overLimit, show, truncated } from './faults.ts';
import { checkNumbers, checkRecords, dataSize, headerPath, headerSize } from './header-fields.ts';
import { isOdd } from './odd-headers.ts';
import { type PaxRecord, parsePax, paxValue } from './pax.ts';
import {
  hasSparseRecords,
  isMapInData,
  isSound,
  mapInData,
  mapOfHeader,
  mapOfRecords,
  type SparseMap,
} from './sparse.ts';
import { HeaderWindow, type ReadAt } from './window.ts';

const SLASH = 0x2f;

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

/** What stands before an entry's own header and says more of it. */
interface ExtendedHeaders {
  pax: PaxRecord[];
  name: Buffer | undefined;
  link: Buffer | undefined;
  count: number;
  /** Not every reader knows or expects one of them. */
  unusual: boolean;
}

/**
 * Reads the headers of a tar that lies in a seekable file, jumping over the data. Every checksum is verified.
 *
 * Throws `LAYER_INVALID`, `LAYER_TRUNCATED` or `LIMIT_EXCEEDED`; the caller puts the layer or archive before it.
 * Ends at two zero blocks, or where the bytes end between two entries.
 */
export class TarReader {
  readonly #window: HeaderWindow;
  readonly #size: number;
  readonly #limits: TarLimits;
  readonly #entry: TarEntry = emptyEntry();
  #position = 0;

  /** `size` is the length of the tar in bytes; reading begins at the first entry. */
  constructor(readAt: ReadAt, size: number, limits: TarLimits) {
    this.#window = new HeaderWindow(readAt, size);
    this.#size = size;
    this.#limits = limits;
  }

  /** Goes on at another entry, whose first block lies at `position`. */
  seek(position: number): void {
    this.#position = position;
  }

  /** The next entry, or undefined at the end of the tar. */
  next(): TarEntry | undefined {
    const extended: ExtendedHeaders = {
      pax: [],
      name: undefined,
      link: undefined,
      count: 0,
      unusual: false,
    };
    let start = this.#position;
    for (;;) {
      const block = this.#window.header(this.#position);
      if (block === undefined) {
        if (extended.count > 0) throw truncated('the tar ends behind an extended header');
        return undefined;
      }
      checkNumbers(block);
      const type = block[field.typeflag[0]];
      if (isExtended(type)) {
        this.#readExtended(type, headerSize(block), extended);
      } else if (type === Type.paxGlobal || type === Type.volumeLabel) {
        // Not applied: a global header's records would spread over whatever comes behind. The entry starts anew.
        const size = headerSize(block);
        if (this.#position + BLOCK + size > this.#size) throw truncated('the tar ends in a global header');
        this.#position += BLOCK + padded(size);
        if (extended.count === 0) start = this.#position;
        else extended.unusual = true;
      } else {
        return this.#fill(block, start, extended);
      }
    }
  }

  #fill(block: Buffer, start: number, { pax, name, link, count, unusual }: ExtendedHeaders): TarEntry {
    const entry = this.#entry;
    entry.start = start;
    entry.header = this.#position;
    entry.block = block;
    entry.dialect = dialectOf(block);
    entry.type = block[field.typeflag[0]];
    entry.pax = pax;
    entry.size = dataSize(pax, block);
    entry.path =
      name ?? paxValue(pax, 'GNU.sparse.name') ?? paxValue(pax, 'path') ?? headerPath(block, entry.dialect);
    entry.link = link ?? paxValue(pax, 'linkpath') ?? textField(block, field.linkname);
    entry.irregular = count > 1 || unusual || !this.#window.hasPlainChecksum(block) || isOdd(entry);
    this.#checkPaths(entry);
    checkRecords(pax, block);
    settleType(entry);
    entry.data = this.#dataStart(entry);
    if (entry.data + entry.size > this.#size)
      throw truncated(`${show(entry.path)} ends behind the end of the tar`);
    entry.end = entry.data + padded(entry.size);
    this.#position = entry.end;
    if (entry.type === Type.gnuSparse || hasSparseRecords(pax)) this.#checkSparse(entry);
    return entry;
  }

  /** With a map that is wrong it would be another file to each reader, and to some none. */
  #checkSparse(entry: TarEntry): void {
    const map = isHeaderOnly(entry.type) ? undefined : this.#sparseMap(entry);
    if (map !== undefined && isSound(map, entry.size)) return;
    throw invalid(`the map of the sparse file ${show(entry.path)} is wrong`);
  }

  #sparseMap({ type, dialect, pax, block, header, data, size, path }: TarEntry): SparseMap | undefined {
    if (type === Type.gnuSparse) {
      const more = this.#window.copy(header + BLOCK, data - header - BLOCK);
      return dialect !== 'gnu' || hasSparseRecords(pax) ? undefined : mapOfHeader(block, more);
    }
    if (!isMapInData(pax)) return mapOfRecords(pax);
    const { headerBytes } = this.#limits;
    return mapInData(pax, (index) => {
      const position = index * BLOCK;
      if (position >= headerBytes) {
        throw overLimit(`the sparse map of ${show(path)} is too long`, 'headerBytes', headerBytes);
      }
      return position + BLOCK > size ? undefined : this.#window.copy(data + position, BLOCK);
    });
  }

  #checkPaths({ path, link }: TarEntry): void {
    const { pathBytes } = this.#limits;
    if (path.length > pathBytes || link.length > pathBytes) {
      const [long, what] = path.length > pathBytes ? [path, 'path'] : [link, `link target of ${show(path)}`];
      throw overLimit(`a ${what} has ${long.length} bytes, ${show(long)}`, 'pathBytes', pathBytes);
    }
    if (path.includes(0) || link.includes(0)) throw invalid(`a path holds a NUL byte: ${show(path)}`);
  }

  /** Reads the extended header at the current position into `extended` and moves behind it. */
  #readExtended(type: number, size: number, extended: ExtendedHeaders): void {
    const { headerBytes } = this.#limits;
    if (size > headerBytes) {
      const what = `the extended header at byte ${this.#position} has ${size} bytes`;
      throw overLimit(what, 'headerBytes', headerBytes);
    }
    const data = this.#window.copy(this.#position + BLOCK, size);
    this.#position += BLOCK + padded(size);
    extended.count++;
    if (type === Type.solarisPax) extended.unusual = true;
    if (type === Type.gnuLongName) extended.name = untilNul(data);
    else if (type === Type.gnuLongLink) extended.link = untilNul(data);
    else {
      const records = parsePax(data);
      if (records === undefined) throw invalid('an extended header has malformed PAX records');
      extended.pax = records;
    }
  }

  /** An old GNU sparse map goes on in blocks of 21 pairs behind the header, each saying whether another follows. */
  #dataStart({ type, block, header, path }: TarEntry): number {
    let end = header + BLOCK;
    if (type !== Type.gnuSparse) return end;
    const { headerBytes } = this.#limits;
    for (let more = block[field.gnuSparseExtended[0]] !== 0; more; end += BLOCK) {
      if (end - header > headerBytes) {
        throw overLimit(`the sparse map of ${show(path)} is too long`, 'headerBytes', headerBytes);
      }
      more = this.#window.copy(end, BLOCK)[504] !== 0;
    }
    return end;
  }
}

function isExtended(type: number): boolean {
  return (
    type === Type.pax || type === Type.solarisPax || type === Type.gnuLongName || type === Type.gnuLongLink
  );
}

/** Sorts out what the type means for size and data. Throws `LAYER_INVALID` for one that nobody knows. */
function settleType(entry: TarEntry): void {
  const { type, path } = entry;
  // Before POSIX, a directory was a file whose name ends in a slash.
  const oldDirectory = type === Type.oldFile && path.at(-1) === SLASH;
  if (oldDirectory) entry.type = Type.directory;
  if (oldDirectory || isHeaderOnly(type)) {
    if (oldDirectory || entry.size !== 0) entry.irregular = true;
    entry.size = 0;
    return;
  }
  const holdsData =
    type === Type.oldFile || type === Type.file || type === Type.contiguous || type === Type.gnuSparse;
  if (!holdsData) {
    throw invalid(`${show(path)} is of the unknown type ${inQuotes(String.fromCharCode(type))}`);
  }
}

function untilNul(data: Buffer): Buffer {
  const nul = data.indexOf(0);
  return nul === -1 ? data : data.subarray(0, nul);
}

function emptyEntry(): TarEntry {
  const none = Buffer.alloc(0);
  return {
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
