import { createHash, type Hash } from 'node:crypto';

/** Takes the tar's bytes block by block, in order. */
export interface BlockTarget {
  readonly blockSize: number;
  /** An empty block to begin with. */
  readonly first: Buffer;
  /** Takes `length` bytes of a block, and gives one to fill next as soon as one is free. */
  exchange(block: Buffer, length: number): Promise<Buffer>;
}

/** Gathers the tar's bytes into blocks of one size and digests them on their way. */
export class BlockWriter {
  readonly #target: BlockTarget;
  readonly #hash: Hash = createHash('sha256');
  #block: Buffer;
  #used = 0;
  #handedOn = 0;

  constructor(target: BlockTarget) {
    this.#target = target;
    this.#block = target.first;
  }

  /** Bytes taken so far. */
  get size(): number {
    return this.#handedOn + this.#used;
  }

  /** Where the next bytes go; never empty. */
  room(): Buffer {
    return this.#block.subarray(this.#used);
  }

  /** Says that the first `count` bytes of `room()` are filled. A promise is to be awaited before going on. */
  advance(count: number): Promise<void> | undefined {
    this.#used += count;
    return this.#used === this.#block.length ? this.#handOn() : undefined;
  }

  /** Hands on the last bytes; returns the digest of all, in hex. */
  async end(): Promise<string> {
    if (this.#used > 0) await this.#handOn();
    return this.#hash.digest('hex');
  }

  async #handOn(): Promise<void> {
    const length = this.#used;
    this.#hash.update(this.#block.subarray(0, length));
    this.#handedOn += length;
    this.#used = 0;
    this.#block = await this.#target.exchange(this.#block, length);
  }
}
