import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { Algorithm } from '../compress/compression.ts';
import { decompressed } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { defaultLimits } from '../flatten/limits.ts';
import type { FileRegion } from '../image/file-region.ts';

const readDescriptor = promisify(read);

const MIB = 1024 * 1024;
/** Little data may compress to next to nothing, and does no harm. */
const RATIO_COUNTS_FROM = 64 * MIB;

/**
 * The uncompressed bytes of a region, in pieces. `what` names it in errors: `COMPRESSION_INVALID`,
 * `COMPRESSION_UNSUPPORTED`, `LIMIT_EXCEEDED`. Ending the iteration early frees everything.
 */
export async function* uncompressedBytes(
  what: string,
  region: FileRegion,
  algorithm: Algorithm,
): AsyncGenerator<Buffer> {
  const { compressionRatio, uncompressedBytes: mostEver } = defaultLimits;
  const most = Math.min(mostEver, Math.max(RATIO_COUNTS_FROM, region.size * compressionRatio));
  let total = 0;
  try {
    for await (const piece of algorithm === 'none' ? pieces(region) : decompressed(region, algorithm)) {
      total += piece.length;
      if (total > most) throw new DimgxError('LIMIT_EXCEEDED', `it unpacks to more than ${most} bytes`);
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof DimgxError)) throw error;
    throw new DimgxError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

async function* pieces({ fd, offset, size }: FileRegion): AsyncGenerator<Buffer> {
  for (let position = 0; position < size; ) {
    const length = Math.min(MIB, size - position);
    const { buffer, bytesRead } = await readDescriptor(
      fd,
      Buffer.allocUnsafe(length),
      0,
      length,
      offset + position,
    );
    if (bytesRead === 0)
      throw new DimgxError('ARCHIVE_TRUNCATED', 'the file became shorter while it was read');
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
