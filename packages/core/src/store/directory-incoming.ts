import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DimgxError, systemCode } from '../errors.ts';
import { makeFolder } from './directory-tree.ts';

/** Milliseconds without a write after which nobody can be at work on a file any more. */
const abandonedAfter = 24 * 60 * 60 * 1000;

export interface IncomingFile {
  readonly path: string;
  /** For writing, and for reading back. Whoever asked for it closes it. */
  readonly handle: FileHandle;
}

/** Of a file that is to grow. */
export function newTicket(): string {
  return randomBytes(8).toString('hex');
}

/**
 * Where a directory store's files grow before they get their names. Their names here begin with a digest of their
 * key, so that whoever finishes a key can tell what others, perhaps dead, have left of the same.
 */
export class IncomingFiles {
  readonly path: string;

  constructor(root: string) {
    this.path = join(root, '.incoming');
  }

  /** `ticket` tells it from others of its key. */
  async create(key: string, ticket: string): Promise<IncomingFile> {
    await this.#make();
    const path = this.#pathOf(key, ticket);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    return { path, handle: await open(path, flags, 0o644) };
  }

  /** Removes one file of the key; harmless if it is gone. */
  async remove(key: string, ticket: string): Promise<void> {
    await rm(this.#pathOf(key, ticket), { force: true });
  }

  /** Removes all files of the key that grow here, also those of living processes. */
  async removeAllOf(key: string): Promise<void> {
    const prefix = namePrefix(key);
    for (const name of await this.#names()) {
      if (name.startsWith(prefix)) await rm(join(this.path, name), { force: true });
    }
  }

  /** Removes what dead processes left of keys that never came again. */
  async sweep(): Promise<void> {
    const limit = Date.now() - abandonedAfter;
    for (const name of await this.#names()) {
      const path = join(this.path, name);
      if (await isOlderThan(path, limit)) await rm(path, { force: true });
    }
  }

  #pathOf(key: string, ticket: string): string {
    return join(this.path, `${namePrefix(key)}${ticket}`);
  }

  async #make(): Promise<void> {
    await makeFolder(this.path);
    if (!(await lstat(this.path)).isDirectory()) {
      throw new DimgxError('STORE_DENIED', `${this.path} is not a folder, so the store does not use it`);
    }
  }

  async #names(): Promise<string[]> {
    await this.#make();
    return readdir(this.path);
  }
}

function namePrefix(key: string): string {
  return `${createHash('sha256').update(key).digest('hex')}-`;
}

async function isOlderThan(path: string, limit: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < limit;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
