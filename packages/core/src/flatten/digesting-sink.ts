import { createHash } from 'node:crypto';
import type { ByteSink } from '../compress/block-compressor.ts';
import { type Digest, digestFromHex } from '../image/digest.ts';

/** Counts and digests what passes on its way to another sink. */
export class DigestingSink implements ByteSink {
  readonly #sink: ByteSink;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  get size(): number {
    return this.#size;
  }

  async write(bytes: Buffer): Promise<void> {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    await this.#sink.write(bytes);
  }

  /** Of all bytes; to be asked once, at the end. */
  digest(): Digest {
    return digestFromHex(this.#hash.digest('hex'));
  }
}
