/**
 * Compresses the blocks of one stream independently of each other, so that several can be at work at once and the
 * bytes that come out are the same however many are. Block sizes are part of the format: never taken from the
 * machine. Its owner closes it, on every path.
 */
export interface BlockCompressor {
  /** Bytes of every block but the last. */
  readonly blockSize: number;
  /** How many blocks may be at work at once; each works in a lane of its own, counted from 0. */
  readonly lanes: number;
  /** What stands before the first block. */
  prologue(): Buffer;
  /** Called in the order of the blocks. The block is the compressor's until the promise resolves. */
  compress(block: Buffer, lane: number): Promise<readonly Buffer[]>;
  /** What stands behind the last block. */
  epilogue(): Buffer;
  close(): void;
}

/** Takes bytes in order, one write at a time; they are its own until the promise resolves. */
export interface ByteSink {
  write(bytes: Buffer): Promise<void>;
}

/** Read, digested and written while it is in a core's second cache. */
const RAW_BLOCK = 256 * 1024;

/** No compression: blocks pass as they are. Two are on their way while a third is filled. */
export function rawBlocks(): BlockCompressor {
  const nothing = Buffer.alloc(0);
  return {
    blockSize: RAW_BLOCK,
    lanes: 2,
    prologue: () => nothing,
    compress: async (block) => [block],
    epilogue: () => nothing,
    close: () => {},
  };
}
