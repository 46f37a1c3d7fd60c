import { constants, createZstdCompress } from 'node:zlib';
import type { BlockCompressor } from './block-compressor.ts';
import { LanePool, laneOptions, ZlibLane } from './zlib-lane.ts';

const MIB = 1024 * 1024;
const BLOCK = 4 * MIB;

/** A window as large as the block never slides, and sees all of it: faster and smaller at every level. */
const WINDOW_LOG = Math.log2(BLOCK);
/** The usual level, whose second table is made to stay in a core's cache: faster, and still smaller than zstd's own choice. */
const finer: Readonly<Record<number, Record<number, number>>> = { 3: { [constants.ZSTD_c_chainLog]: 15 } };

/**
 * zstd: a frame for each 4 MiB. Frames that follow each other are one stream to every reader (RFC 8878, section 3),
 * and cut at fixed places they can be made in parallel, with the same bytes on every machine.
 */
export function zstdBlocks(level: number, lanes: number): BlockCompressor {
  const pool = new LanePool(() => zstdLane(level));
  const nothing = Buffer.alloc(0);
  return {
    blockSize: BLOCK,
    lanes,
    prologue: () => nothing,
    compress: (block, lane) => pool.lane(lane).compress(block),
    epilogue: () => nothing,
    close: () => pool.close(),
  };
}

function zstdLane(level: number): ZlibLane {
  const params = {
    [constants.ZSTD_c_compressionLevel]: level,
    [constants.ZSTD_c_windowLog]: WINDOW_LOG,
    ...finer[level],
  };
  return new ZlibLane(
    createZstdCompress({ ...laneOptions, params, flush: constants.ZSTD_e_end, chunkSize: MIB }),
  );
}
