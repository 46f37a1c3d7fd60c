import { constants, crc32, createDeflateRaw } from 'node:zlib';
import type { BlockCompressor } from './block-compressor.ts';
import { LanePool, laneOptions, ZlibLane } from './zlib-lane.ts';

const BLOCK = 1024 * 1024;

/** RFC 1952: deflate, no flags, no time, no extra flags, made on Unix. */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** RFC 1951: a last block of fixed codes with nothing in it. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);

/**
 * gzip: one member, whose deflate stream is flushed in full at each MiB: the next block then refers to nothing
 * before it (RFC 1951 blocks are byte-aligned after a flush), so blocks are made in parallel and put in a row.
 */
export function gzipBlocks(level: number, lanes: number): BlockCompressor {
  const pool = new LanePool(() => gzipLane(level));
  let crc = 0;
  let size = 0;
  return {
    blockSize: BLOCK,
    lanes,
    prologue: () => HEADER,
    compress: (block, lane) => {
      crc = crc32(block, crc);
      size += block.length;
      return pool.lane(lane).compress(block);
    },
    epilogue: () => {
      const trailer = Buffer.alloc(8);
      trailer.writeUInt32LE(crc, 0);
      trailer.writeUInt32LE(size % 2 ** 32, 4);
      return Buffer.concat([LAST_BLOCK, trailer]);
    },
    close: () => pool.close(),
  };
}

function gzipLane(level: number): ZlibLane {
  const flush = constants.Z_FULL_FLUSH;
  return new ZlibLane(createDeflateRaw({ ...laneOptions, level, flush, chunkSize: BLOCK / 2 }));
}
