import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolders } from '@dimgx/core';
import { targetFault } from '../target/target.ts';
import { lockFolder } from './folder-lock.ts';

/** Where `up` keeps all that it keeps. One process at a time has it. */
export interface DataFolder {
  readonly root: string;
  /** Redis's append-only file. */
  readonly redis: string;
  readonly artifacts: string;
  readonly logs: string;
  /** What workers spool while they work. */
  readonly temporary: string;
  release(): Promise<void>;
}

/** What is kept elsewhere. */
export interface Elsewhere {
  readonly redisUrl?: string | undefined;
  readonly store?: string | undefined;
}

/**
 * Makes the folder and those in it that are needed. Throws `TARGET_UNWRITABLE`, `NO_SPACE`, or `CONFIG_INVALID` if another
 * process has it.
 */
export async function openDataFolder(path: string, { redisUrl, store }: Elsewhere = {}): Promise<DataFolder> {
  const { root, ...folders } = foldersIn(path);
  const needed = [folders.logs, folders.temporary];
  if (redisUrl === undefined) needed.push(folders.redis);
  if (store === undefined) needed.push(folders.artifacts);
  try {
    for (const folder of needed) await makeFolders(folder);
    const lock = await lockFolder(root);
    return { root, ...folders, release: () => lock.release() };
  } catch (error) {
    throw targetFault(`the data folder ${root}`, error);
  }
}

/** Whether Redis has ever kept anything there. */
export async function hasKeptAnything(path: string): Promise<boolean> {
  // What can't be read is told when the folder is opened.
  const kept = await readdir(foldersIn(path).redis).catch(() => []);
  return kept.length > 0;
}

function foldersIn(path: string) {
  const root = resolve(path);
  return {
    root,
    redis: join(root, 'redis'),
    artifacts: join(root, 'artifacts'),
    logs: join(root, 'logs'),
    temporary: join(root, 'tmp'),
  };
}
