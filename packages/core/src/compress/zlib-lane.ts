import type { Transform } from 'node:stream';

/** A compressor of node's. */
type Compressor = Transform & { close(): void };

/**
 * What the stream of a lane is made with, besides what its algorithm needs: it is read as the pieces that it made, which a
 * stream of bytes would join, and holds the pieces of a whole block, since it is read behind each.
 */
export const laneOptions = { readableObjectMode: true, highWaterMark: 64 * 1024 * 1024 } as const;

/**
 * One compressor stream that is used again and again: gives the bytes of one block, flushed so that the next block
 * owes it nothing. Node runs the work in its thread pool.
 */
export class ZlibLane {
  readonly #stream: Compressor;
  #pieces: Buffer[] = [];

  /** The stream has been made with `laneOptions`, and to flush behind each write. */
  constructor(stream: Compressor) {
    this.#stream = stream;
    // Each write hears of its own.
    stream.on('error', () => {});
  }

  /** The pieces are the caller's until it gives the next block. */
  compress(block: Buffer): Promise<Buffer[]> {
    this.#giveBack();
    return new Promise((resolve, reject) => {
      this.#stream.write(block, (error) => {
        if (error != null) return reject(error);
        const pieces: Buffer[] = [];
        for (let piece = this.#stream.read(); piece !== null; piece = this.#stream.read()) pieces.push(piece);
        this.#pieces = pieces;
        resolve(pieces);
      });
    });
  }

  /**
   * Frees the memory of pieces that nobody needs any more; the stream goes on in that of the last one. Left to the
   * garbage collector, which hears of it late, there would be 50 MB of it.
   */
  #giveBack(): void {
    const memory = new Set(this.#pieces.map((piece) => piece.buffer as ArrayBuffer));
    const last = this.#pieces.at(-1)?.buffer;
    for (const each of memory) if (each !== last) each.transfer(0);
  }

  close(): void {
    this.#stream.close();
  }
}

/** Lanes by number, made when they are first needed: little data needs one. */
export class LanePool {
  readonly #make: () => ZlibLane;
  readonly #lanes: ZlibLane[] = [];

  constructor(make: () => ZlibLane) {
    this.#make = make;
  }

  /** Asked for in their order at first, as `BlockPipeline` makes its slots. */
  lane(index: number): ZlibLane {
    this.#lanes[index] ??= this.#make();
    return this.#lanes[index];
  }

  close(): void {
    for (const lane of this.#lanes) lane.close();
  }
}
