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
import { overLimit } from '../tar/faults.ts';
import { type EngineLayer, inLayer } from './engine-layer.ts';
import { type Limits, mostUnpacked } from './limits.ts';

const writeFile = promisify(write);

/** A layer's uncompressed tar in a file. */
export interface UnpackedLayer {
  readonly region: FileRegion;
  close(): void;
}

export interface UnpackOptions {
  readonly spoolFolder: string;
  readonly limits: Limits;
  /** Layers that are unpacked at once: each may take a process of its own. */
  readonly atOnce: number;
  /** Throws when the work shall end. */
  readonly check: () => void;
  /** Hears how many bytes have been unpacked in all. */
  readonly onBytes: (total: number) => void;
}

/**
 * Unpacks layers, several at once; in the order given. When one fails the others are stopped, and nothing stays open.
 *
 * Throws `DIGEST_MISMATCH`, `COMPRESSION_INVALID`, `COMPRESSION_UNSUPPORTED`, `LIMIT_EXCEEDED`, `NO_SPACE`.
 */
export async function unpackLayers(
  layers: readonly EngineLayer[],
  options: UnpackOptions,
): Promise<UnpackedLayer[]> {
  const unpacking = new Unpacking(options);
  const unpacked = new Array<UnpackedLayer>(layers.length);
  const waiting = layers.entries();
  let failure: { readonly reason: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (const [index, { blob, subject }] of waiting) {
      try {
        unpacked[index] = await unpacking.unpack(blob);
      } catch (error) {
        failure ??= { reason: inLayer(subject, error) };
        unpacking.stop(failure.reason);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: options.atOnce }, work));
  if (failure === undefined) return unpacked;
  for (const layer of unpacked) layer?.close();
  throw failure.reason;
}

/** The unpacking of some layers that share a bound on their bytes, and an end. */
class Unpacking {
  readonly #options: UnpackOptions;
  /** Uncompressed, of all layers so far, those that lie uncompressed included. */
  #bytes = 0;
  #unpacked = 0;
  #stopped: { readonly reason: unknown } | undefined;

  constructor(options: UnpackOptions) {
    this.#options = options;
  }

  stop(reason: unknown): void {
    this.#stopped ??= { reason };
  }

  /** The layer's tar where it lies, if it is not compressed, else in a file without a name, digested on the way. */
  async unpack(blob: LayerBlob): Promise<UnpackedLayer> {
    this.#check();
    const algorithm = compressionOfRegion(blob);
    if (algorithm === 'none') {
      this.#take(blob.size);
      return { region: blob, close: () => {} };
    }
    const fd = openSpoolFile(this.#options.spoolFolder);
    try {
      const size = await this.#unpackTo(fd, blob, algorithm);
      return { region: { fd, offset: 0, size }, close: () => closeSync(fd) };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  async #unpackTo(fd: number, blob: LayerBlob, algorithm: Exclude<Algorithm, 'none'>): Promise<number> {
    const { spoolFolder, limits, onBytes } = this.#options;
    const hash = createHash('sha256');
    const most = mostUnpacked(blob.size, limits);
    let size = 0;
    for await (const piece of decompressed(blob, algorithm)) {
      this.#check();
      this.#take(piece.length);
      if (size + piece.length > most) {
        const what = `its ${blob.size} bytes of ${algorithm} unpack to more than ${most}`;
        throw overLimit(what, 'compressionRatio', limits.compressionRatio);
      }
      hash.update(piece);
      await writeAt(fd, piece, size, spoolFolder);
      size += piece.length;
      this.#unpacked += piece.length;
      onBytes(this.#unpacked);
    }
    checkDiffId(blob, digestFromHex(hash.digest('hex')));
    return size;
  }

  #take(bytes: number): void {
    const { uncompressedBytes } = this.#options.limits;
    this.#bytes += bytes;
    if (this.#bytes > uncompressedBytes) {
      throw overLimit('with it the layers have too many bytes', 'uncompressedBytes', uncompressedBytes);
    }
  }

  #check(): void {
    this.#options.check();
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }
}

function checkDiffId({ diffId }: LayerBlob, actual: string): void {
  if (actual === diffId) return;
  throw new DimgxError('DIGEST_MISMATCH', `the uncompressed layer is ${actual}, the image says ${diffId}`);
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
