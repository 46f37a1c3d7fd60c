import { HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DimgxError } from '../errors.ts';
import { abortable } from './abortable.ts';
import { type BucketPlace, bucketLocation } from './bucket-place.ts';
import { checkKey } from './key.ts';
import { s3Client, usesChecksums } from './s3-client.ts';
import { type BucketAddress, s3Error, saysS3 } from './s3-errors.ts';
import type { S3Settings } from './s3-settings.ts';
import type { ListedObject, ListOptions } from './store.ts';

/** The name of one object, as requests take it. */
export interface ObjectName {
  readonly Bucket: string;
  readonly Key: string;
}

export interface ObjectFacts {
  /** Bytes. */
  readonly size: number;
  readonly etag: string;
}

/** A bucket and how to talk to it. */
export class S3Bucket {
  readonly client: S3Client;
  readonly location: string;
  readonly checksums: boolean;
  readonly #place: BucketPlace;
  readonly #address: BucketAddress;

  constructor(place: BucketPlace, settings: S3Settings) {
    this.client = s3Client(settings);
    this.location = bucketLocation(place);
    this.checksums = usesChecksums(settings);
    this.#place = place;
    this.#address = { bucket: place.bucket, endpoint: settings.endpoint ?? 'AWS' };
  }

  name(key: string): ObjectName {
    checkKey(key);
    return { Bucket: this.#place.bucket, Key: this.#folder + key };
  }

  get #folder(): string {
    const { prefix } = this.#place;
    return prefix === '' ? '' : `${prefix}/`;
  }

  async put(key: string, body: Uint8Array, mediaType: string, signal: AbortSignal): Promise<void> {
    const command = new PutObjectCommand({ ...this.name(key), Body: body, ContentType: mediaType });
    await this.call(`store ${key}`, signal, (options) => this.client.send(command, options));
  }

  /** Undefined if there is no such object. A server that hides that, as AWS does from who may not list, denies. */
  async head(key: string, signal: AbortSignal): Promise<ObjectFacts | undefined> {
    const command = new HeadObjectCommand(this.name(key));
    const action = `look up ${key}`;
    try {
      const answer = await this.call(action, signal, (options) => this.client.send(command, options));
      const { ContentLength: size, ETag: etag = '' } = answer;
      if (size === undefined) throw this.error(new Error('the answer has no Content-Length'), action);
      return { size, etag };
    } catch (error) {
      if (saysS3(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async list({ prefix, after, limit, signal }: ListOptions): Promise<ListedObject[]> {
    const command = new ListObjectsV2Command({
      Bucket: this.#place.bucket,
      Prefix: this.#folder + prefix,
      StartAfter: after && this.#folder + after,
      MaxKeys: limit,
    });
    const { Contents = [] } = await this.call(`list ${this.location}`, signal, (options) =>
      this.client.send(command, options),
    );
    return Contents.map(({ Key = '', Size = 0, LastModified = new Date(0) }) => ({
      key: Key.slice(this.#folder.length),
      size: Size,
      storedAt: LastModified,
    }));
  }

  /** One request, with the SDK's retries. Throws the signal's reason, else what `error` makes of the fault. */
  async call<T>(
    action: string,
    signal: AbortSignal,
    request: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    try {
      return await abortable(request({ abortSignal: signal }), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      throw this.error(thrown, action);
    }
  }

  error(thrown: unknown, action: string): DimgxError {
    return s3Error(thrown, action, this.#address);
  }
}
