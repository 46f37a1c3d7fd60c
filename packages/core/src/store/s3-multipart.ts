import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.ts';
import { saysS3 } from './s3-errors.ts';

/** What the server says of a part, and wants to hear again when the upload completes. */
export interface Part {
  readonly PartNumber: number;
  readonly ETag: string;
  readonly ChecksumCRC32?: string;
}

/** Milliseconds after which a server that does not answer keeps its unfinished upload. */
const abortTimeout = 15_000;

/** One multipart upload of the server's. It costs space until it is completed or aborted. */
export class MultipartUpload {
  readonly #bucket: S3Bucket;
  readonly #key: string;
  readonly id: string;

  constructor(bucket: S3Bucket, key: string, id: string) {
    this.#bucket = bucket;
    this.#key = key;
    this.id = id;
  }

  /** Not to be interrupted: nobody could abort an upload whose id has not arrived. */
  static async create(bucket: S3Bucket, key: string, mediaType: string): Promise<MultipartUpload> {
    const command = new CreateMultipartUploadCommand({
      ...bucket.name(key),
      ContentType: mediaType,
      ...(bucket.checksums ? { ChecksumAlgorithm: 'CRC32' } : {}),
    });
    const action = `start the upload of ${key}`;
    const { UploadId } = await bucket.call(action, new AbortController().signal, (options) =>
      bucket.client.send(command, options),
    );
    if (UploadId === undefined) throw bucket.error(new Error('the answer has no UploadId'), action);
    return new MultipartUpload(bucket, key, UploadId);
  }

  async send(number: number, body: Uint8Array, signal: AbortSignal): Promise<Part> {
    const command = new UploadPartCommand({ ...this.#name, PartNumber: number, Body: body });
    const action = `upload part ${number} of ${this.#key}`;
    const { ETag, ChecksumCRC32 } = await this.#bucket.call(action, signal, (options) =>
      this.#bucket.client.send(command, options),
    );
    if (ETag === undefined) throw this.#bucket.error(new Error('the answer has no ETag'), action);
    return { PartNumber: number, ETag, ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }) };
  }

  async complete(parts: readonly Part[], signal: AbortSignal): Promise<void> {
    const list = { Parts: [...parts] };
    const command = new CompleteMultipartUploadCommand({ ...this.#name, MultipartUpload: list });
    await this.#bucket.call(`complete the upload of ${this.#key}`, signal, (options) =>
      this.#bucket.client.send(command, options),
    );
  }

  /** Harmless if the upload has ended already. */
  async abort(): Promise<void> {
    const action = `abort the upload of ${this.#key}`;
    const deadline = new AbortController();
    const late = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' });
    const timer = setTimeout(() => deadline.abort(this.#bucket.error(late, action)), abortTimeout);
    const command = new AbortMultipartUploadCommand(this.#name);
    try {
      await this.#bucket.call(action, deadline.signal, (options) =>
        this.#bucket.client.send(command, options),
      );
    } catch (error) {
      if (!saysS3(error, 'NoSuchUpload')) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  get #name() {
    return { ...this.#bucket.name(this.#key), UploadId: this.id };
  }
}

/** Uploads of exactly this key that nobody has ended yet. */
export async function unfinishedUploads(
  bucket: S3Bucket,
  key: string,
  signal: AbortSignal,
): Promise<MultipartUpload[]> {
  const { Bucket, Key } = bucket.name(key);
  // Keys come in order, so that those of this very key fill the first page before longer ones.
  const command = new ListMultipartUploadsCommand({ Bucket, Prefix: Key });
  const { Uploads = [] } = await bucket.call(`list the uploads of ${key}`, signal, (options) =>
    bucket.client.send(command, options),
  );
  const ids = Uploads.filter((upload) => upload.Key === Key).map(({ UploadId }) => UploadId);
  return ids.filter((id) => id !== undefined).map((id) => new MultipartUpload(bucket, key, id));
}
