import { constants, createZstdCompress } from 'node:zlib';
import type { BlockCompressor } from './block-compressor.ts';
import { laneOptions, ZlibLane } from './zlib-lane.ts';

const MIB = 1024 * 1024;
const BLOCK = 4 * MIB;

/**
 * zstd: a frame for each 4 MiB. Frames that follow each other are one stream to every reader (RFC 8878, section 3),
 * and cut at fixed places they can be made in parallel, with the same bytes on every machine.
 */
export function zstdBlocks(level: number, lanes: number): BlockCompressor {
  const pool = Array.from({ length: lanes + 1 }, () => zstdLane(level));
  const nothing = Buffer.alloc(0);
  return {
    blockSize: BLOCK,
    lanes,
    prologue: () => nothing,
    compress: (block, lane) => pool[lane].compress(block),
    epilogue: () => nothing,
    close: () => {
      for (const lane of pool) lane.close();
    },
  };
}

function zstdLane(level: number): ZlibLane {
  const options = { ...laneOptions, params: { [constants.ZSTD_c_compressionLevel]: level }, chunkSize: MIB };
  return new ZlibLane(createZstdCompress(options), constants.ZSTD_e_end);
}
