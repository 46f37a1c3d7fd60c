import { read } from 'node:fs';
import { promisify } from 'node:util';
import type { Algorithm } from '../compress/compression.ts';
import { decompressed } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { type Limits, mostUnpacked } from '../flatten/limits.ts';
import type { FileRegion } from '../image/file-region.ts';
import { overLimit } from '../tar/faults.ts';

const readDescriptor = promisify(read);

const MIB = 1024 * 1024;

/**
 * The uncompressed bytes of a region, in pieces. `what` names it in errors: `COMPRESSION_INVALID`,
 * `COMPRESSION_UNSUPPORTED`, `LIMIT_EXCEEDED`. Ending the iteration early frees everything.
 */
export async function* uncompressedBytes(
  what: string,
  region: FileRegion,
  algorithm: Algorithm,
  limits: Limits,
): AsyncGenerator<Buffer> {
  const most = mostUnpacked(region.size, limits);
  let total = 0;
  try {
    for await (const piece of algorithm === 'none' ? pieces(region) : decompressed(region, algorithm)) {
      total += piece.length;
      if (algorithm !== 'none' && total > most) {
        const ratio = `its ${region.size} bytes of ${algorithm} unpack to more than ${most}`;
        throw overLimit(ratio, 'compressionRatio', limits.compressionRatio);
      }
      if (total > limits.uncompressedBytes) {
        throw overLimit('it has too many bytes', 'uncompressedBytes', limits.uncompressedBytes);
      }
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
