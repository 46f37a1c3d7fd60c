import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import type { Algorithm } from '../compress/compression.ts';
import { compressionOfRegion, decompressed } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { digestFromHex } from '../image/digest.ts';
import type { FileRegion } from '../image/file-region.ts';
import type { LayerBlob } from '../image/image.ts';
import { WRITE_PIECE } from '../image/write-piece.ts';
import { openSpoolFile, spoolError } from '../spool-file.ts';
import { overLimit } from '../tar/faults.ts';
import { type EngineLayer, inLayer } from './engine-layer.ts';
import { type Limits, mostUnpacked } from './limits.ts';

/** Layers' uncompressed tars. */
export interface UnpackedLayers {
  /** Where each lies, in the order of the layers. */
  readonly regions: readonly FileRegion[];
  /** Lets go of those that were compressed. */
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
 * Unpacks layers, several at once. When one fails the others are stopped, and nothing stays open.
 *
 * Throws `DIGEST_MISMATCH`, `COMPRESSION_INVALID`, `COMPRESSION_UNSUPPORTED`, `LIMIT_EXCEEDED`, `NO_SPACE`.
 */
export async function unpackLayers(
  layers: readonly EngineLayer[],
  options: UnpackOptions,
): Promise<UnpackedLayers> {
  const unpacking = new Unpacking(options);
  const regions = new Array<FileRegion>(layers.length);
  const waiting = layers.entries();
  let failure: { readonly reason: unknown } | undefined;
  const work = async (spool: LayerSpool): Promise<void> => {
    for (const [index, { blob, subject }] of waiting) {
      try {
        regions[index] = await unpacking.unpack(blob, spool);
      } catch (error) {
        failure ??= { reason: inLayer(subject, error) };
        unpacking.stop(failure.reason);
        return;
      }
    }
  };
  const spools = Array.from({ length: options.atOnce }, () => new LayerSpool(options.spoolFolder));
  await Promise.all(spools.map(work));
  const close = (): void => {
    for (const spool of spools) spool.close();
  };
  if (failure === undefined) return { regions, close };
  close();
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

  /** The layer's tar where it lies, if it is not compressed, else in the spool, digested on the way. */
  async unpack(blob: LayerBlob, spool: LayerSpool): Promise<FileRegion> {
    this.#check();
    const algorithm = compressionOfRegion(blob);
    if (algorithm !== 'none') return this.#unpackTo(spool, blob, algorithm);
    this.#take(blob.size);
    return blob;
  }

  async #unpackTo(
    spool: LayerSpool,
    blob: LayerBlob,
    algorithm: Exclude<Algorithm, 'none'>,
  ): Promise<FileRegion> {
    const { limits, onBytes } = this.#options;
    const hash = createHash('sha256');
    const most = mostUnpacked(blob.size, limits);
    const layer = spool.begin();
    let size = 0;
    for await (const piece of decompressed(blob, algorithm)) {
      this.#check();
      this.#take(piece.length);
      size += piece.length;
      if (size > most) {
        const what = `its ${blob.size} bytes of ${algorithm} unpack to more than ${most}`;
        throw overLimit(what, 'compressionRatio', limits.compressionRatio);
      }
      hash.update(piece);
      spool.append(piece);
      this.#unpacked += piece.length;
      onBytes(this.#unpacked);
    }
    checkDiffId(blob, digestFromHex(hash.digest('hex')));
    return { ...layer, size };
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

/**
 * A file without a name that takes one layer behind the other, so that images of thousands of layers open few files.
 * There is none until a layer begins.
 */
class LayerSpool {
  readonly #folder: string;
  #fd: number | undefined;
  #size = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the next layer will lie. */
  begin(): { readonly fd: number; readonly offset: number } {
    this.#fd ??= openSpoolFile(this.#folder);
    return { fd: this.#fd, offset: this.#size };
  }

  append(bytes: Buffer): void {
    const { fd } = this.begin();
    for (let done = 0; done < bytes.length; ) {
      try {
        const length = Math.min(WRITE_PIECE, bytes.length - done);
        const written = writeSync(fd, bytes, done, length, this.#size);
        done += written;
        this.#size += written;
      } catch (error) {
        throw spoolError(this.#folder, error);
      }
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
