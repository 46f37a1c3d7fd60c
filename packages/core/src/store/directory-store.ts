import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { DimgxError } from '../errors.ts';
import { clipRange } from './byte-range.ts';
import { directoryError } from './directory-errors.ts';
import { IncomingFiles, newTicket } from './directory-incoming.ts';
import { objectsBelow } from './directory-list.ts';
import { DirectoryMarker } from './directory-marker.ts';
import { DirectoryTree } from './directory-tree.ts';
import { DirectoryUpload } from './directory-upload.ts';
import { ObjectStream } from './object-stream.ts';
import { readWhole } from './read-whole.ts';
import type {
  ArtifactStore,
  ByteRange,
  ListedObject,
  ListOptions,
  StoredObject,
  StoreMarker,
  Upload,
  UploadOptions,
} from './store.ts';

const probeKey = 'probe';
const readBlock = 256 * 1024;

/**
 * Artifacts as files below one folder, which must exist; several processes and hosts may share it. Files and folders
 * get the modes 0644 and 0755 less the process's umask.
 */
export class DirectoryStore implements ArtifactStore {
  readonly location: string;
  readonly marker: StoreMarker;
  readonly #tree: DirectoryTree;
  readonly #incoming: IncomingFiles;

  /** `root` is an absolute path. */
  constructor(root: string) {
    this.location = `file:${root}`;
    this.#tree = new DirectoryTree(root);
    this.#incoming = new IncomingFiles(root);
    this.marker = new DirectoryMarker(root);
  }

  /** Also removes what dead uploads left more than a day ago. */
  async check(signal: AbortSignal): Promise<void> {
    await this.#attempt(signal, 'write', async () => {
      if (!(await stat(this.#tree.root)).isDirectory()) {
        throw new DimgxError('STORE_FAILED', `${this.#tree.root} is not a folder`);
      }
      await this.marker.confirm();
      const { path, handle } = await this.#incoming.create(probeKey, newTicket());
      try {
        await handle.write('dimgx');
        await handle.sync();
      } finally {
        await handle.close();
        await rm(path, { force: true });
      }
      await this.#incoming.sweep();
    });
  }

  async head(key: string, signal: AbortSignal): Promise<StoredObject | undefined> {
    return this.#attempt(signal, `look up ${key}`, async () => {
      const size = await this.#tree.sizeOf(key);
      return size === undefined ? this.#nothing() : { key, size };
    });
  }

  async read(key: string, signal: AbortSignal): Promise<Buffer | undefined> {
    return this.#attempt(signal, `read ${key}`, async () => {
      const handle = await this.#tree.open(key);
      if (handle === undefined) return this.#nothing();
      try {
        // Most are a few kilobytes: a whole block for each is what the garbage collector works for.
        const highWaterMark = Math.min(readBlock, (await handle.stat()).size + 1);
        return await readWhole(handle.createReadStream({ highWaterMark, signal, autoClose: false }), key);
      } finally {
        await handle.close();
      }
    });
  }

  async write(key: string, content: Uint8Array, options: UploadOptions): Promise<StoredObject> {
    const upload = await this.upload(key, options);
    try {
      await upload.write(content);
    } catch (error) {
      await upload.abort();
      throw error;
    }
    return upload.complete();
  }

  async upload(key: string, { signal, onBegun }: UploadOptions): Promise<Upload> {
    const [tree, incoming] = [this.#tree, this.#incoming];
    const action = `store ${key}`;
    await this.#attempt(signal, action, async () => {
      tree.path(key);
      await this.marker.confirm();
    });
    const ticket = newTicket();
    // Before there is a file: whoever dies between the two leaves none that nobody knows of.
    await onBegun?.(ticket);
    const file = await this.#attempt(signal, action, () => incoming.create(key, ticket));
    return new DirectoryUpload({ key, tree, incoming, file, signal });
  }

  async discard(key: string, ticket: string, signal: AbortSignal): Promise<void> {
    await this.#attempt(signal, `discard an upload of ${key}`, async () => {
      if (!/^[0-9a-f]+$/.test(ticket)) throw new DimgxError('STORE_FAILED', `${key} has no such upload`);
      await this.#incoming.remove(key, ticket);
    });
  }

  async stream(key: string, signal: AbortSignal, range?: ByteRange): Promise<Readable> {
    return this.#attempt(signal, `read ${key}`, async () => {
      const handle = await this.#tree.open(key);
      if (handle === undefined) {
        await this.#nothing();
        throw new DimgxError('ARTIFACT_NOT_FOUND', `${this.location} has no ${key}`);
      }
      try {
        const part = range && clipRange(range, (await handle.stat()).size);
        signal.throwIfAborted();
        const body = handle.createReadStream({ ...part, highWaterMark: readBlock });
        return new ObjectStream(body, { signal, toError: (thrown) => this.#error(thrown, `read ${key}`) });
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  /** There is no server here that could serve it. */
  async presign(): Promise<undefined> {}

  async list({ limit, signal, ...wanted }: ListOptions): Promise<ListedObject[]> {
    return this.#attempt(signal, 'list its files', async () => {
      const found: ListedObject[] = [];
      for await (const object of objectsBelow(this.#tree.root, wanted)) {
        signal.throwIfAborted();
        found.push(object);
        if (found.length === limit) break;
      }
      if (found.length === 0) await this.#nothing();
      return found;
    });
  }

  async remove(key: string, signal: AbortSignal): Promise<void> {
    await this.#attempt(signal, `remove ${key}`, async () => {
      if ((await this.#tree.sizeOf(key)) === undefined) return this.#nothing();
      await rm(this.#tree.path(key), { force: true });
      await this.#tree.pruneParents(key);
    });
  }

  async close(): Promise<void> {}

  /** What is not found may be there, in a store that is away: that is thrown. */
  async #nothing(): Promise<undefined> {
    await stat(this.#tree.root);
    await this.marker.confirm();
  }

  async #attempt<T>(signal: AbortSignal, action: string, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw this.#error(error, action);
    }
  }

  #error(thrown: unknown, action: string): DimgxError {
    return directoryError(thrown, action, this.#tree.root);
  }
}
