import type { Transform } from 'node:stream';

/** A zlib stream of node, which flushes with a kind; the two that are used here share the shape. */
type FlushingStream = Transform & {
  flush(kind: number, callback: () => void): void;
  close(): void;
};

/**
 * One compressor stream that is used again and again: gives the bytes of one block, flushed so that the next block
 * owes it nothing. Node runs the work in its thread pool.
 */
export class ZlibLane {
  readonly #stream: FlushingStream;
  readonly #flushKind: number;
  #reject: ((reason: unknown) => void) | undefined;

  /** The stream's readable side must be able to hold a whole compressed block, since it is read at the flush. */
  constructor(stream: FlushingStream, flushKind: number) {
    this.#stream = stream;
    this.#flushKind = flushKind;
    stream.on('error', (error) => this.#reject?.(error));
  }

  compress(block: Buffer): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      this.#stream.write(block);
      this.#stream.flush(this.#flushKind, () => {
        const pieces: Buffer[] = [];
        for (let piece = this.#stream.read(); piece !== null; piece = this.#stream.read()) pieces.push(piece);
        resolve(pieces);
      });
    });
  }

  close(): void {
    this.#stream.close();
  }
}
