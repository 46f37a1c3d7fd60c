import { read } from 'node:fs';
import { promisify } from 'node:util';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { DimgxError, systemCode } from '../errors.ts';
import { type FileRegion, fillFromRegion } from '../image/file-region.ts';
import type { Algorithm } from './compression.ts';
import { drained } from './drained.ts';
import { MAGIC_BYTES, sniff } from './magic.ts';
import { toolDecompressed } from './tool.ts';
import { zstdFrames } from './zstd-frames.ts';

const KIB = 1024;
const PIECE = 256 * KIB;

const readFile = promisify(read);

/** A decompressor of node's: it counts what it took in, and stops at the end of what it knows. */
type Decompressor = ReturnType<typeof createGunzip>;

/** What the region's bytes are compressed with, by themselves. */
export function compressionOfRegion(region: FileRegion): Algorithm {
  const start = Buffer.alloc(MAGIC_BYTES);
  return sniff(start.subarray(0, fillFromRegion(region, start, 0)));
}

/**
 * The uncompressed bytes of a region, in pieces. Several gzip members, zstd frames (skippable ones too), xz or bzip2
 * streams count as one.
 *
 * Throws `COMPRESSION_INVALID` for damaged or cut data, `COMPRESSION_UNSUPPORTED` where xz or bzip2 need a tool
 * that the machine does not have. Ending the iteration early frees everything.
 */
export async function* decompressed(
  region: FileRegion,
  algorithm: Exclude<Algorithm, 'none'>,
): AsyncGenerator<Buffer> {
  try {
    if (algorithm === 'gzip') yield* gunzipped(region);
    else if (algorithm === 'zstd') yield* through(createZstdDecompress({ chunkSize: PIECE }), frames(region));
    else yield* toolDecompressed(algorithm, pieces(region, 0, region.size));
  } catch (error) {
    throw codedError(error, algorithm);
  }
}

async function* gunzipped(region: FileRegion): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE });
  yield* through(gunzip, pieces(region, 0, region.size));
  // node's gunzip ends before anything that is not gzip; only zeros, with which some writers fill up, may follow.
  for await (const piece of pieces(region, gunzip.bytesWritten, region.size)) {
    if (piece.some((byte) => byte !== 0)) {
      throw new DimgxError('COMPRESSION_INVALID', 'the gzip data is followed by bytes that are not gzip');
    }
  }
}

async function* frames(region: FileRegion): AsyncGenerator<Buffer> {
  for (const { start, end } of zstdFrames(region)) yield* pieces(region, start, end);
}

/** Feeds a decompressor and gives what comes out, until it ends, even if it did not want all of the input. */
async function* through(step: Decompressor, input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const feeding = feed(step, input).catch((error: unknown) => {
    step.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    yield* step;
  } finally {
    step.destroy();
    await feeding;
  }
}

async function feed(step: Decompressor, input: AsyncIterable<Buffer>): Promise<void> {
  for await (const piece of input) {
    if (!step.write(piece)) await drained(step);
    if (step.readableEnded || step.destroyed) return;
  }
  step.end();
}

async function* pieces(region: FileRegion, from: number, to: number): AsyncGenerator<Buffer> {
  for (let position = from; position < to; ) {
    const length = Math.min(PIECE, to - position);
    const { bytesRead, buffer } = await readFile(
      region.fd,
      Buffer.allocUnsafe(length),
      0,
      length,
      region.offset + position,
    );
    if (bytesRead === 0)
      throw new DimgxError('COMPRESSION_INVALID', 'the file that holds the data became shorter');
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

function codedError(error: unknown, algorithm: Algorithm): unknown {
  if (error instanceof DimgxError) return error;
  const code = systemCode(error) ?? '';
  if (code === 'Z_BUF_ERROR') {
    return new DimgxError('COMPRESSION_INVALID', `the ${algorithm} data is cut off`, { cause: error });
  }
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) {
    return new DimgxError('COMPRESSION_INVALID', `the ${algorithm} data is damaged`, { cause: error });
  }
  return error;
}
