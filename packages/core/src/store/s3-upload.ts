import { DimgxError } from '../errors.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { etagOfParts } from './s3-etag.ts';
import { unfinishedUploads } from './s3-multipart.ts';
import { PartQueue } from './s3-part-queue.ts';
import { partSizeOf } from './s3-part-sizes.ts';
import type { StoredObject, Upload } from './store.ts';

export interface S3UploadOptions {
  readonly bucket: S3Bucket;
  readonly key: string;
  readonly mediaType: string;
  readonly signal: AbortSignal;
  readonly onBegun?: ((ticket: string) => Promise<void>) | undefined;
  /** Bytes of the first parts. */
  readonly partSize: number;
  readonly partsInFlight: number;
}

/** Gathers what is written into parts. An object smaller than one part is stored by a single request at the end. */
export class S3Upload implements Upload {
  readonly #options: S3UploadOptions;
  readonly #queue: PartQueue;
  #buffer: Buffer;
  #filled = 0;
  #size = 0;
  #done = false;

  constructor(options: S3UploadOptions) {
    const { partSize, partsInFlight } = options;
    this.#options = options;
    this.#queue = new PartQueue({ ...options, bytesInFlight: partSize * partsInFlight });
    this.#buffer = this.#queue.buffer(partSize);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#options.signal.throwIfAborted();
    for (let offset = 0; offset < chunk.byteLength; ) {
      const taken = chunk.subarray(offset, offset + this.#buffer.byteLength - this.#filled);
      this.#buffer.set(taken, this.#filled);
      offset += taken.byteLength;
      this.#filled += taken.byteLength;
      this.#size += taken.byteLength;
      if (this.#filled === this.#buffer.byteLength) await this.#sendPart();
    }
  }

  async complete(): Promise<StoredObject> {
    const { bucket, key, mediaType, signal } = this.#options;
    try {
      if (this.#queue.count > 0) await this.#completeParts();
      else await bucket.put(key, this.#buffer.subarray(0, this.#filled), mediaType, signal);
    } catch (error) {
      // What went wrong first is what the caller must know; what stays goes with the key's next upload.
      await this.abort().catch(() => {});
      throw error;
    }
    this.#done = true;
    await this.#endTwins();
    return { key, size: this.#size };
  }

  async abort(): Promise<void> {
    if (this.#done) return;
    await this.#queue.abort();
    this.#done = true;
  }

  async #sendPart(): Promise<void> {
    await this.#queue.send(this.#buffer, this.#filled);
    this.#filled = 0;
    this.#buffer = this.#queue.buffer(partSizeOf(this.#queue.count + 1, this.#options.partSize));
  }

  async #completeParts(): Promise<void> {
    if (this.#filled > 0) await this.#sendPart();
    const fault = await this.#queue.complete().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (fault === undefined) await this.#checkSize();
    else if (!(await this.#isStored())) throw fault.error;
  }

  /** Some servers answer with success, and an empty ETag, whatever they have put together. */
  async #checkSize(): Promise<void> {
    const { bucket, key, signal } = this.#options;
    const size = (await bucket.head(key, signal))?.size;
    if (size === this.#size) return;
    throw new DimgxError(
      'STORE_FAILED',
      `${key} has ${size ?? 'no'} bytes in the store instead of ${this.#size}`,
    );
  }

  /**
   * Whether the very object is there although completing it failed: the answer was lost, or a twin, doing the same
   * work elsewhere, was faster and has ended this upload.
   */
  async #isStored(): Promise<boolean> {
    const { bucket, key, signal } = this.#options;
    const stored = await bucket.head(key, signal).catch(() => undefined);
    return stored?.size === this.#size && stored.etag === etagOfParts(this.#queue.parts);
  }

  /** Ends uploads of this key that dead processes have left, and those of living twins, who will find this object. */
  async #endTwins(): Promise<void> {
    const { bucket, key, signal } = this.#options;
    try {
      for (const upload of await unfinishedUploads(bucket, key, signal)) await upload.abort();
    } catch {
      // The object is whole. Not every server lists uploads; leftovers cost space until the bucket's rules end them.
    }
  }
}
