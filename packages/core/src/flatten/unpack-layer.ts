import { createHash } from 'node:crypto';
import { closeSync, write } from 'node:fs';
import { promisify } from 'node:util';
import type { Algorithm } from '../compress/compression.ts';
import { compressionOfRegion, decompressed } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { digestFromHex } from '../image/digest.ts';
import type { FileRegion } from '../image/file-region.ts';
import type { LayerBlob } from '../image/image.ts';
import { openSpoolFile, spoolError } from '../spool-file.ts';
import { type EngineLayer, inLayer } from './engine-layer.ts';
import type { Limits } from './limits.ts';

const writeFile = promisify(write);

const MIB = 1024 * 1024;
/** Little data may compress to next to nothing, and does no harm. */
const RATIO_COUNTS_FROM = 64 * MIB;

/** A layer's uncompressed tar in a file. */
export interface UnpackedLayer {
  readonly region: FileRegion;
  /** Whether the bytes were found to have the layer's diff id; if not, they are still to be digested. */
  readonly verified: boolean;
  close(): void;
}

/**
 * Unpacks layers, all at once; in the order given. When one fails the others are stopped, and nothing stays open.
 */
export async function unpackLayers(
  blobs: readonly EngineLayer[],
  options: UnpackOptions,
): Promise<UnpackedLayer[]> {
  let failure: { readonly reason: unknown } | undefined;
  const check = (): void => {
    options.check();
    if (failure !== undefined) throw failure.reason;
  };
  const settled = await Promise.allSettled(
    blobs.map(async ({ blob, subject }) => {
      try {
        return await unpackLayer(blob, { ...options, check });
      } catch (error) {
        failure ??= { reason: inLayer(subject, error) };
        throw error;
      }
    }),
  );
  const unpacked = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (failure === undefined) return unpacked;
  for (const layer of unpacked) layer.close();
  throw failure.reason;
}

export interface UnpackOptions {
  readonly spoolFolder: string;
  readonly limits: Limits;
  /** Throws when the work shall end. */
  readonly check: () => void;
  /** Hears of bytes unpacked. */
  readonly onBytes: (count: number) => void;
}

/**
 * The layer's tar where it lies, if it is not compressed, else unpacked into a nameless file and digested on the
 * way. Throws `DIGEST_MISMATCH`, `COMPRESSION_INVALID`, `COMPRESSION_UNSUPPORTED`, `LIMIT_EXCEEDED`, `NO_SPACE`.
 */
async function unpackLayer(blob: LayerBlob, options: UnpackOptions): Promise<UnpackedLayer> {
  const algorithm = compressionOfRegion(blob);
  if (algorithm === 'none') return { region: blob, verified: false, close: () => {} };
  const fd = openSpoolFile(options.spoolFolder);
  try {
    const size = await unpackTo(fd, blob, algorithm, options);
    return { region: { fd, offset: 0, size }, verified: true, close: () => closeSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

async function unpackTo(
  fd: number,
  blob: LayerBlob,
  algorithm: Exclude<Algorithm, 'none'>,
  { spoolFolder, limits, check, onBytes }: UnpackOptions,
): Promise<number> {
  const hash = createHash('sha256');
  const most = Math.max(RATIO_COUNTS_FROM, blob.size * limits.compressionRatio);
  let size = 0;
  for await (const piece of decompressed(blob, algorithm)) {
    check();
    if (size + piece.length > most) {
      const message = `${blob.size} bytes of ${algorithm} unpack to more than ${limits.compressionRatio} times as much`;
      throw new DimgxError('LIMIT_EXCEEDED', message);
    }
    hash.update(piece);
    await writeAt(fd, piece, size, spoolFolder);
    size += piece.length;
    onBytes(piece.length);
  }
  const actual = digestFromHex(hash.digest('hex'));
  if (actual !== blob.diffId) {
    throw new DimgxError(
      'DIGEST_MISMATCH',
      `the uncompressed layer is ${actual}, the image says ${blob.diffId}`,
    );
  }
  return size;
}

async function writeAt(fd: number, bytes: Buffer, position: number, folder: string): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    try {
      const { bytesWritten } = await writeFile(fd, bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    } catch (error) {
      throw spoolError(folder, error);
    }
  }
}
