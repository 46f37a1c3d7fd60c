import { DimgxError } from '../errors.ts';
import { abortable } from './abortable.ts';
import type { S3Bucket } from './s3-bucket.ts';
import { saysS3 } from './s3-errors.ts';
import { etagOfBytes } from './s3-etag.ts';
import { MultipartUpload, type Part } from './s3-multipart.ts';
import { maxParts } from './s3-part-sizes.ts';

export interface PartQueueOptions {
  readonly bucket: S3Bucket;
  readonly key: string;
  readonly mediaType: string;
  readonly signal: AbortSignal;
  readonly onBegun?: ((ticket: string) => Promise<void>) | undefined;
  /** Bytes that may be under way at a time; a single part may have more. */
  readonly bytesInFlight: number;
}

/** The parts of one multipart upload on their way, several at a time. The first that fails stops all. */
export class PartQueue {
  readonly #options: PartQueueOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #sending = new Set<Promise<void>>();
  readonly #parts: Part[] = [];
  readonly #idleBuffers: Buffer[] = [];
  #multipart: Promise<MultipartUpload> | undefined;
  #count = 0;
  #bytesInFlight = 0;
  #superseded: unknown;

  constructor(options: PartQueueOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#stop.signal]);
  }

  /** Parts taken so far. */
  get count(): number {
    return this.#count;
  }

  /** A buffer to fill; one that a sent part has left, if it has the size. */
  buffer(size: number): Buffer {
    const idle = this.#idleBuffers.pop();
    return idle?.byteLength === size ? idle : Buffer.allocUnsafeSlow(size);
  }

  /** Takes the first `size` bytes of a buffer as the next part; resolves when it is on its way. */
  async send(buffer: Buffer, size: number): Promise<void> {
    if (this.#count === maxParts) {
      throw new DimgxError('LIMIT_EXCEEDED', `${this.#options.key} has more than ${maxParts} parts`);
    }
    while (this.#sending.size > 0 && this.#bytesInFlight + size > this.#options.bytesInFlight) {
      await abortable(Promise.race(this.#sending), this.#signal);
    }
    this.#signal.throwIfAborted();
    const number = ++this.#count;
    this.#bytesInFlight += size;
    const sending = this.#sendPart(number, buffer.subarray(0, size))
      .then(
        (part) => {
          this.#parts.push(part);
          this.#idleBuffers.push(buffer);
        },
        (error: unknown) => this.#stop.abort(error),
      )
      .finally(() => {
        this.#bytesInFlight -= size;
        this.#sending.delete(sending);
      });
    this.#sending.add(sending);
  }

  /** Waits for all parts, then has the server make them the object. */
  async complete(): Promise<void> {
    await Promise.all(this.#sending);
    this.#signal.throwIfAborted();
    if (this.#superseded !== undefined) throw this.#superseded;
    const multipart = await this.#started();
    await multipart.complete(this.parts, this.#signal);
  }

  /** What `complete` has put together, or would have; in order. */
  get parts(): readonly Part[] {
    return this.#parts.toSorted((a, b) => a.PartNumber - b.PartNumber);
  }

  /** Stops what is under way and has the server drop what it has got. */
  async abort(): Promise<void> {
    this.#stop.abort(new DimgxError('STORE_FAILED', `the upload of ${this.#options.key} was aborted`));
    await Promise.all(this.#sending);
    // If it could not be started, whoever waited for that has been told.
    const multipart = await this.#multipart?.catch(() => undefined);
    await multipart?.abort();
  }

  #started(): Promise<MultipartUpload> {
    this.#multipart ??= this.#begin();
    return abortable(this.#multipart, this.#signal);
  }

  async #begin(): Promise<MultipartUpload> {
    const { bucket, key, mediaType, onBegun } = this.#options;
    const multipart = await MultipartUpload.create(bucket, key, mediaType);
    try {
      await onBegun?.(multipart.id);
    } catch (error) {
      await multipart.abort().catch(() => {});
      throw error;
    }
    return multipart;
  }

  /**
   * Whoever finishes a key ends all other uploads of it. One that is ended so goes on to digest its parts, to tell
   * in the end whether the other object is the same.
   */
  async #sendPart(number: number, body: Buffer): Promise<Part> {
    if (this.#superseded === undefined) {
      try {
        return await (await this.#started()).send(number, body, this.#signal);
      } catch (error) {
        if (!saysS3(error, 'NoSuchUpload')) throw error;
        this.#superseded = error;
      }
    }
    return { PartNumber: number, ETag: etagOfBytes(body) };
  }
}
