import type { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { DimgxError } from '../errors.ts';
import type { BucketPlace } from './bucket-place.ts';
import { checkRange, unsatisfiable } from './byte-range.ts';
import { attachment } from './content-disposition.ts';
import { ObjectStream } from './object-stream.ts';
import { readWhole } from './read-whole.ts';
import { S3Bucket } from './s3-bucket.ts';
import { saysS3 } from './s3-errors.ts';
import { MultipartUpload } from './s3-multipart.ts';
import { defaultPartSize } from './s3-part-sizes.ts';
import type { S3Settings } from './s3-settings.ts';
import { S3Upload } from './s3-upload.ts';
import type {
  ArtifactStore,
  ByteRange,
  ListedObject,
  ListOptions,
  StoredObject,
  Upload,
  UploadOptions,
} from './store.ts';

const probeKey = 'dimgx-probe';

/** Artifacts as objects of an S3-compatible bucket, which must exist. */
export class S3Store implements ArtifactStore {
  readonly #bucket: S3Bucket;
  /** The same bucket by the name that its users know the server by. */
  readonly #publicBucket: S3Bucket;
  readonly #partSize: number;
  readonly #partsInFlight: number;

  /** `settings` have passed `checkS3Settings`. */
  constructor(place: BucketPlace, settings: S3Settings) {
    const { publicEndpoint, partSize = defaultPartSize, partsInFlight = 4 } = settings;
    this.#bucket = new S3Bucket(place, settings);
    this.#publicBucket =
      publicEndpoint === undefined
        ? this.#bucket
        : new S3Bucket(place, { ...settings, endpoint: publicEndpoint });
    this.#partSize = partSize;
    this.#partsInFlight = partsInFlight;
  }

  get location(): string {
    return this.#bucket.location;
  }

  /**
   * Writes, removes and misses a small object, which takes all that jobs need. Asking for the bucket itself would
   * tell less: that answer has no body to say what is wrong.
   */
  async check(signal: AbortSignal): Promise<void> {
    await this.#bucket.put(probeKey, Buffer.from('dimgx'), 'text/plain', signal);
    await this.remove(probeKey, signal);
    await this.head(probeKey, signal);
  }

  async head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    const facts = await this.#bucket.head(key, signal);
    return facts && { key, size: facts.size };
  }

  async read(key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const body = await this.#get(key, signal);
    return body && readWhole(body, key);
  }

  async write(key: string, content: Uint8Array, options: UploadOptions): Promise<StoredObject> {
    await this.#bucket.put(key, content, options.mediaType, options.signal);
    return { key, size: content.byteLength };
  }

  async upload(key: string, { mediaType, signal, onBegun }: UploadOptions): Promise<Upload> {
    this.#bucket.name(key);
    signal.throwIfAborted();
    const [bucket, partSize, partsInFlight] = [this.#bucket, this.#partSize, this.#partsInFlight];
    return new S3Upload({ bucket, key, mediaType, signal, onBegun, partSize, partsInFlight });
  }

  async discard(key: string, ticket: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new MultipartUpload(this.#bucket, key, ticket).abort();
  }

  async stream(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable> {
    if (range !== undefined) checkRange(range);
    const body = await this.#get(key, signal, range);
    if (body === undefined) throw new DimgxError('ARTIFACT_NOT_FOUND', `${this.location} has no ${key}`);
    return body;
  }

  async presign(key: string, options: { fileName: string; expiresSeconds: number }): Promise<string> {
    const { client } = this.#publicBucket;
    const ResponseContentDisposition = attachment(options.fileName);
    const command = new GetObjectCommand({ ...this.#bucket.name(key), ResponseContentDisposition });
    try {
      return await getSignedUrl(client, command, { expiresIn: options.expiresSeconds });
    } catch (error) {
      throw this.#bucket.error(error, `make a URL for ${key}`);
    }
  }

  list(options: ListOptions): Promise<ListedObject[]> {
    return this.#bucket.list(options);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand(this.#bucket.name(key));
    await this.#bucket.call(`remove ${key}`, signal, (options) => this.#bucket.client.send(command, options));
  }

  async close(): Promise<void> {
    this.#bucket.client.destroy();
    this.#publicBucket.client.destroy();
  }

  async #get(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable | undefined> {
    const Range = range && `bytes=${range.start}-${range.end}`;
    const command = new GetObjectCommand({ ...this.#bucket.name(key), Range });
    const action = `read ${key}`;
    try {
      const { Body } = await this.#bucket.call(action, signal, (o) => this.#bucket.client.send(command, o));
      // On Node it is a stream of Node's.
      const toError = (thrown: unknown) => this.#bucket.error(thrown, action);
      return new ObjectStream(Body as Readable, { signal, toError });
    } catch (error) {
      if (saysS3(error, 'NoSuchKey')) return undefined;
      if (range !== undefined && saysS3(error, 'InvalidRange')) throw unsatisfiable(range, error);
      throw error;
    }
  }
}
