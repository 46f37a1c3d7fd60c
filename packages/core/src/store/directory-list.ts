import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../errors.ts';
import { grammarFault } from './key.ts';
import type { ListedObject, ListOptions } from './store.ts';

/** The files of a directory store in the order of their keys' bytes. What is no object's file is left out. */
export async function* objectsBelow(
  root: string,
  wanted: Pick<ListOptions, 'prefix' | 'after'>,
  folder = '',
): AsyncGenerator<ListedObject> {
  for (const name of await namesIn(join(root, folder))) {
    const key = folder + name;
    if (key.endsWith('/')) {
      if (mayHold(key, wanted)) yield* objectsBelow(root, wanted, key);
    } else if (key.startsWith(wanted.prefix) && key > (wanted.after ?? '')) {
      const object = await objectOf(root, key);
      if (object !== undefined) yield object;
    }
  }
}

/** Whether keys below this folder may be wanted. */
function mayHold(folder: string, { prefix, after = '' }: Pick<ListOptions, 'prefix' | 'after'>): boolean {
  const hasPrefix = folder.startsWith(prefix) || prefix.startsWith(folder);
  return hasPrefix && (folder > after || after.startsWith(folder));
}

/** Names of files and, with a slash behind them, of folders: so they come in the order of the keys that they make. */
async function namesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(nothingIfGone);
  return entries
    .filter((entry) => grammarFault(entry.name) === undefined && (entry.isFile() || entry.isDirectory()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort();
}

function nothingIfGone(error: unknown): Dirent[] {
  if (systemCode(error) === 'ENOENT') return [];
  throw error;
}

async function objectOf(root: string, key: string): Promise<ListedObject | undefined> {
  try {
    const { size, mtime } = await lstat(join(root, key));
    return { key, size, storedAt: mtime };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
