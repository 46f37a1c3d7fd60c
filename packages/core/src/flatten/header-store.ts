import { DimgxError } from '../errors.ts';
import { type FileRegion, readRegion } from '../image/file-region.ts';
import type { OriginalHeader } from '../tar/encode.ts';
import { TarReader } from '../tar/reader.ts';
import type { Inodes } from './inodes.ts';
import { fillFromLayer } from './layer-bytes.ts';
import type { Limits } from './limits.ts';

const MOST_LINKS_KEPT = 10_000;
/** Each has a window of memory. */
const MOST_READERS = 128;

/** Reads again, from the layers, the headers of inodes that are to be written under another name. */
export class HeaderStore {
  readonly #layers: readonly FileRegion[];
  readonly #inodes: Inodes;
  readonly #limits: Limits;
  /** In each layer inodes are mostly asked for one behind the other. */
  readonly #readers = new Map<number, TarReader>();
  readonly #links = new Map<number, Buffer>();

  constructor(layers: readonly FileRegion[], inodes: Inodes, limits: Limits) {
    this.#layers = layers;
    this.#inodes = inodes;
    this.#limits = limits;
  }

  /** The result views the reader's window: use it before the next call. */
  read(inode: number): OriginalHeader {
    const layer = this.#inodes.layer(inode);
    const { start, header, data } = this.#inodes.blocks(inode);
    const reader = this.#readerOf(layer);
    reader.seek(start);
    const entry = reader.next();
    if (entry === undefined || entry.header !== header) {
      throw new DimgxError('LAYER_INVALID', `layer ${layer} changed while it was read`);
    }
    const sparseMap = Buffer.alloc(data - header - entry.block.length);
    if (sparseMap.length > 0) fillFromLayer(this.#layers[layer], sparseMap, header + entry.block.length);
    const { block, pax, link, type, size } = entry;
    return { block, pax, link, type, size, sparseMap };
  }

  #readerOf(layer: number): TarReader {
    const known = this.#readers.get(layer);
    if (known !== undefined) return known;
    const region = this.#layers[layer];
    const readAt = (target: Uint8Array, position: number) => readRegion(region, target, position);
    const reader = new TarReader(readAt, region.size, this.#limits);
    if (this.#readers.size === MOST_READERS) this.#readers.clear();
    this.#readers.set(layer, reader);
    return reader;
  }

  /** A symbolic link's target; kept, within bounds, since a link that is followed once is followed often. */
  link(inode: number): Buffer {
    const known = this.#links.get(inode);
    if (known !== undefined) return known;
    const target = Buffer.from(this.read(inode).link);
    if (this.#links.size < MOST_LINKS_KEPT) this.#links.set(inode, target);
    return target;
  }
}
