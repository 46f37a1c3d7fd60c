import {
  bytesOf,
  encodeEntry,
  gnuPrelude,
  headerBlock,
  type Name,
  padding,
  sealed,
  type TarEntry,
  writeGnuNumber,
} from './tar-entry.ts';

/**
 * A file of `size` bytes that are zero but for the pieces, which lie in order and don't overlap. Each piece but the
 * last is a multiple of 512 bytes long: of others, readers disagree where the next one's data begins.
 */
export interface SparseFile {
  readonly size: number;
  readonly pieces: readonly { readonly offset: number; readonly content: Name }[];
}

/** GNU tar's manual, "Storing Sparse Files": the old form (type `S`), or PAX form 1.0 (the map before the data). */
export function sparseEntry(entry: TarEntry, file: SparseFile, form: 'gnu-old' | 'pax-1.0'): Buffer[] {
  return form === 'gnu-old' ? oldGnuEntry(entry, file) : paxEntry(entry, file);
}

interface Region {
  readonly offset: number;
  readonly length: number;
}

/** The map ends with an empty region at the file's end, as GNU tar writes it, so that a hole there is told. */
function regionsOf(file: SparseFile): Region[] {
  const regions = file.pieces.map(({ offset, content }) => ({ offset, length: bytesOf(content).length }));
  return [...regions, { offset: file.size, length: 0 }];
}

function dataOf(file: SparseFile): Buffer {
  return Buffer.concat(file.pieces.map(({ content }) => bytesOf(content)));
}

function oldGnuEntry(entry: TarEntry, file: SparseFile): Buffer[] {
  const data = dataOf(file);
  const regions = regionsOf(file);
  const header = headerBlock({ ...entry, type: 'S', dialect: 'gnu' }, data.length);
  writeRegions(header, 386, regions.slice(0, 4));
  header.writeUInt8(regions.length > 4 ? 1 : 0, 482);
  writeGnuNumber(header, 483, 12, file.size);
  const parts = [gnuPrelude(entry), sealed(header)];
  for (let index = 4; index < regions.length; index += 21) {
    const block = Buffer.alloc(512);
    writeRegions(block, 0, regions.slice(index, index + 21));
    block.writeUInt8(regions.length > index + 21 ? 1 : 0, 504);
    parts.push(block);
  }
  return [...parts, data, padding(data)];
}

function writeRegions(block: Buffer, start: number, regions: readonly Region[]): void {
  for (const [index, { offset, length }] of regions.entries()) {
    writeGnuNumber(block, start + index * 24, 12, offset);
    writeGnuNumber(block, start + index * 24 + 12, 12, length);
  }
}

function paxEntry(entry: TarEntry, file: SparseFile): Buffer[] {
  const regions = regionsOf(file);
  const lines = [regions.length, ...regions.flatMap(({ offset, length }) => [offset, length])];
  const map = Buffer.from(`${lines.join('\n')}\n`);
  const pax = {
    'GNU.sparse.major': '1',
    'GNU.sparse.minor': '0',
    'GNU.sparse.name': entry.name,
    'GNU.sparse.realsize': String(file.size),
    ...entry.pax,
  };
  // The name in the header is for readers that don't know the form.
  const name = Buffer.concat([Buffer.from('GNUSparseFile.0/'), bytesOf(entry.name)]);
  return encodeEntry({
    ...entry,
    name,
    pax,
    dialect: 'pax',
    content: Buffer.concat([map, padding(map), dataOf(file)]),
  });
}
