import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DimgxError, systemCode } from '../errors.ts';
import { checkKey } from './key.ts';

/**
 * The tree of a directory store. Keys can't climb out of it, and symbolic links below its root are refused rather
 * than followed, so that nothing outside is ever read or written.
 */
export class DirectoryTree {
  /** Absolute. May itself be reached through symbolic links. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  path(key: string): string {
    checkKey(key);
    return join(this.root, key);
  }

  /** Size in bytes of the object; undefined if there is none. */
  async sizeOf(key: string): Promise<number | undefined> {
    const path = this.path(key);
    for (const parent of this.#parents(key)) {
      if ((await kindOf(parent)) !== 'folder') return undefined;
    }
    return (await kindOf(path)) === 'file' ? (await lstat(path)).size : undefined;
  }

  /** The object open for reading, which the caller closes; undefined if there is none. */
  async open(key: string): Promise<FileHandle | undefined> {
    if ((await this.sizeOf(key)) === undefined) return undefined;
    try {
      return await open(this.path(key), constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /**
   * Makes the folders of a key and tells those whose content has changed by it, to be synced. ENOENT if somebody
   * prunes one meanwhile.
   */
  async makeParents(key: string): Promise<string[]> {
    const changed: string[] = [];
    for (const parent of this.#parents(key)) {
      if (await makeFolder(parent)) changed.push(dirname(parent));
      if (!(await lstat(parent)).isDirectory()) {
        throw new DimgxError('STORE_FAILED', `can't store ${key}: ${parent} is not a folder`);
      }
    }
    return changed;
  }

  /** Removes the folders of a key that have become empty. */
  async pruneParents(key: string): Promise<void> {
    for (const parent of this.#parents(key).reverse()) {
      try {
        await rmdir(parent);
      } catch (error) {
        if (['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) return;
        if (systemCode(error) !== 'ENOENT') throw error;
      }
    }
  }

  /** The folders of a key below the root, outermost first. */
  #parents(key: string): string[] {
    const names = key.split('/').slice(0, -1);
    return names.map((_, index) => join(this.root, ...names.slice(0, index + 1)));
  }
}

/** Makes a name that was created, moved or removed in the folder last through a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems have no such call, and need none.
    if (!['EINVAL', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

/** Whether the folder was not there before. */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, 0o755);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function kindOf(path: string): Promise<'missing' | 'file' | 'folder'> {
  try {
    const found = await lstat(path);
    if (found.isDirectory()) return 'folder';
    if (found.isFile()) return 'file';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return 'missing';
    throw error;
  }
  throw new DimgxError(
    'STORE_DENIED',
    `${path} is neither a file nor a folder, so the store does not use it`,
  );
}
