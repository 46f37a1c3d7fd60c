import type { Readable } from 'node:stream';
import type {
  ArtifactStore,
  ByteRange,
  ListedObject,
  ListOptions,
  StoredObject,
  Upload,
  UploadOptions,
} from './store.ts';

/** A store whose code is loaded when it is first used, for one that takes long to load and is often not needed. */
export class DeferredStore implements ArtifactStore {
  readonly location: string;
  readonly #open: () => Promise<ArtifactStore>;
  #store: Promise<ArtifactStore> | undefined;

  constructor(location: string, open: () => Promise<ArtifactStore>) {
    this.location = location;
    this.#open = open;
  }

  async check(signal: AbortSignal): Promise<void> {
    return (await this.#opened()).check(signal);
  }

  async head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    return (await this.#opened()).head(key, signal);
  }

  async read(key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    return (await this.#opened()).read(key, signal);
  }

  async write(key: string, content: Uint8Array, options: UploadOptions): Promise<StoredObject> {
    return (await this.#opened()).write(key, content, options);
  }

  async upload(key: string, options: UploadOptions): Promise<Upload> {
    return (await this.#opened()).upload(key, options);
  }

  async discard(key: string, ticket: string, signal: AbortSignal): Promise<void> {
    return (await this.#opened()).discard(key, ticket, signal);
  }

  async stream(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable> {
    return (await this.#opened()).stream(key, signal, range);
  }

  async presign(
    key: string,
    options: { fileName: string; expiresSeconds: number },
  ): Promise<string | undefined> {
    return (await this.#opened()).presign(key, options);
  }

  async list(options: ListOptions): Promise<ListedObject[]> {
    return (await this.#opened()).list(options);
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    return (await this.#opened()).remove(key, signal);
  }

  async close(): Promise<void> {
    await (await this.#store)?.close();
  }

  #opened(): Promise<ArtifactStore> {
    this.#store ??= this.#open();
    return this.#store;
  }
}
