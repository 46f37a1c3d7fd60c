import { BLOCK, blockSum, field, isZeroBlock, numberField, padded, signedBlockSum } from './block.ts';
import { invalid, truncated } from './faults.ts';

/** Fills `target` with bytes from `position`; returns how many there were, 0 at the end. May give fewer than asked. */
export type ReadAt = (target: Uint8Array, position: number) => number;

const WINDOW = 64 * 1024;
/** Where a header stands alone, far from the last one: room for it and an extended one. */
const GLIMPSE = 4 * 1024;

/**
 * A stretch of a tar in memory, in which header blocks are looked at where they lie: small files come many to a
 * read, and the data of large ones is never read. Throws `LAYER_INVALID` or `LAYER_TRUNCATED`.
 */
export class HeaderWindow {
  readonly #readAt: ReadAt;
  readonly #size: number;
  readonly #bytes: Buffer;
  readonly #words: Int32Array;
  #start = 0;
  #length = 0;

  /** `size`: bytes of the whole tar. */
  constructor(readAt: ReadAt, size: number) {
    this.#readAt = readAt;
    this.#size = size;
    const memory = new ArrayBuffer(Math.min(WINDOW, Math.max(padded(size), BLOCK)));
    this.#bytes = Buffer.from(memory);
    this.#words = new Int32Array(memory);
  }

  /** The header block at `position`, its checksum verified; undefined where the tar ends. Valid until the next call. */
  header(position: number): Buffer | undefined {
    if (position >= this.#size) return undefined;
    const block = this.#block(position);
    if (block[0] === 0 && isZeroBlock(this.#words, this.#wordOf(block))) {
      this.#checkEnd(position + BLOCK);
      return undefined;
    }
    if (!this.hasPlainChecksum(block) && signedBlockSum(block) !== numberField(block, field.checksum)) {
      throw invalid(`the header at byte ${position} has a wrong checksum`);
    }
    return block;
  }

  /** Whether the checksum of a block that `header` gave is of unsigned bytes, as it should be. */
  hasPlainChecksum(block: Buffer): boolean {
    return blockSum(this.#words, this.#wordOf(block), block) === numberField(block, field.checksum);
  }

  /** Bytes to keep, from anywhere in the tar. */
  copy(position: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    if (this.#read(bytes, position, length) < length) throw truncated('the tar ends in an extended header');
    return bytes;
  }

  /** One zero block alone is no end: what follows would be lost without a word. */
  #checkEnd(position: number): void {
    if (position + BLOCK > this.#size) return;
    const block = this.#block(position);
    if (!isZeroBlock(this.#words, this.#wordOf(block))) {
      throw invalid(`a lone zero block at byte ${position - BLOCK}`);
    }
  }

  #block(position: number): Buffer {
    let offset = position - this.#start;
    if (offset < 0 || offset + BLOCK > this.#length) {
      const isNear = offset >= 0 && offset < this.#length + WINDOW;
      this.#start = position;
      this.#length = this.#read(isNear ? this.#bytes : this.#bytes.subarray(0, GLIMPSE), position, BLOCK);
      if (this.#length < BLOCK) throw truncated(`the tar ends in a header at byte ${position}`);
      offset = 0;
    }
    return this.#bytes.subarray(offset, offset + BLOCK);
  }

  #wordOf(block: Buffer): number {
    return (block.byteOffset - this.#bytes.byteOffset) / 4;
  }

  /** Reads at least `enough` bytes where there are so many, up to the whole target, never beyond the tar. */
  #read(target: Buffer, position: number, enough: number): number {
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
