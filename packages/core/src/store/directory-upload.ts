import { type FileHandle, lstat, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DimgxError, systemCode } from '../errors.ts';
import { WRITE_PIECE } from '../image/write-piece.ts';
import { directoryError } from './directory-errors.ts';
import type { IncomingFile, IncomingFiles } from './directory-incoming.ts';
import { type DirectoryTree, syncFolder } from './directory-tree.ts';
import { sameContent } from './same-content.ts';
import type { StoredObject, Upload } from './store.ts';

interface DirectoryUploadOptions {
  readonly key: string;
  readonly tree: DirectoryTree;
  readonly incoming: IncomingFiles;
  readonly file: IncomingFile;
  readonly signal: AbortSignal;
}

/** A file that grows among the incoming ones and gets its name, in one step, when it is whole and on the disk. */
export class DirectoryUpload implements Upload {
  readonly #key: string;
  readonly #tree: DirectoryTree;
  readonly #incoming: IncomingFiles;
  readonly #file: IncomingFile;
  readonly #signal: AbortSignal;
  #size = 0;
  #done = false;

  constructor(options: DirectoryUploadOptions) {
    this.#key = options.key;
    this.#tree = options.tree;
    this.#incoming = options.incoming;
    this.#file = options.file;
    this.#signal = options.signal;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#signal.throwIfAborted();
    try {
      await writeAll(this.#file.handle, chunk);
      this.#size += chunk.byteLength;
    } catch (error) {
      throw this.#error(error);
    }
  }

  async complete(): Promise<StoredObject> {
    try {
      this.#signal.throwIfAborted();
      await this.#file.handle.sync();
      if (!(await this.#giveName())) await this.#checkTwin();
    } catch (error) {
      // What went wrong first is what the caller must know; a file that stays goes with the key's next upload.
      await this.abort().catch(() => {});
      this.#signal.throwIfAborted();
      throw this.#error(error);
    }
    await this.#close();
    await this.#removeLeftovers();
    return { key: this.#key, size: this.#size };
  }

  async abort(): Promise<void> {
    if (this.#done) return;
    try {
      await rm(this.#file.path, { force: true });
      await this.#close();
    } catch (error) {
      throw this.#error(error);
    }
  }

  /** False if the file is gone from among the incoming ones: somebody else has finished the key. */
  async #giveName(): Promise<boolean> {
    const path = this.#tree.path(this.#key);
    for (;;) {
      try {
        const changed = await this.#tree.makeParents(this.#key);
        await rename(this.#file.path, path);
        for (const folder of [dirname(path), ...changed.reverse()]) await syncFolder(folder);
        return true;
      } catch (error) {
        if (systemCode(error) !== 'ENOENT') throw error;
      }
      if (!(await exists(this.#file.path))) return false;
      // Else a folder of the key, which was empty and is pruned since it was made.
    }
  }

  /** The same work gives the same bytes, so a twin's object will do; another one under this key will not. */
  async #checkTwin(): Promise<void> {
    const stored = await this.#tree.open(this.#key);
    try {
      if (stored !== undefined && (await sameContent(stored, this.#file.handle))) return;
    } finally {
      await stored?.close();
    }
    const fault =
      stored === undefined ? 'its incoming file was removed' : 'another process stored it differently';
    throw new DimgxError('STORE_FAILED', `can't store ${this.#key}: ${fault} meanwhile`);
  }

  /** Those of dead processes, and of living twins, who will find this object. */
  async #removeLeftovers(): Promise<void> {
    try {
      await this.#incoming.removeAllOf(this.#key);
    } catch {
      // The object is whole. What stays is swept away when it is old.
    }
  }

  async #close(): Promise<void> {
    if (this.#done) return;
    this.#done = true;
    await this.#file.handle.close();
  }

  #error(thrown: unknown): DimgxError {
    return directoryError(thrown, `store ${this.#key}`, this.#tree.root);
  }
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    const length = Math.min(WRITE_PIECE, chunk.byteLength - offset);
    offset += (await handle.write(chunk, offset, length)).bytesWritten;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
