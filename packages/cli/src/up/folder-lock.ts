import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DimgxError, systemCode } from '@dimgx/core';
import { identifyProcess, isAlive } from './process-life.ts';

const lockName = 'up.pid';

/** Held while one process has the folder for itself. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes the folder for this process; a lock of a dead process does not count. Throws `TARGET_UNWRITABLE` if another
 * process has it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const lock = join(folder, lockName);
  const own = join(folder, `.${lockName}-${randomBytes(6).toString('hex')}`);
  const identity = await identifyProcess(process.pid);
  await writeFile(own, `${process.pid} ${identity?.startedAt ?? ''}\n`, { flag: 'wx' });
  try {
    while (!(await gainedName(own, lock))) await removeIfStale(folder, lock);
  } finally {
    await rm(own, { force: true });
  }
  return { release: () => rm(lock, { force: true }) };
}

/** A lock that appears whole, unless there is one. */
async function gainedName(own: string, lock: string): Promise<boolean> {
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function removeIfStale(folder: string, lock: string): Promise<void> {
  const found = await textOf(lock);
  if (found === undefined) return;
  const [pid = '', startedAt = ''] = found.trim().split(' ');
  if (await isAlive({ pid: Number(pid), startedAt })) {
    const message = `the data folder ${folder} belongs to dimgx up, process ${pid}; stop it, or name another --data`;
    throw new DimgxError('TARGET_UNWRITABLE', message);
  }
  // Somebody else may do the same at this moment and hold the lock already: what was moved tells.
  const aside = `${lock}-${randomBytes(6).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error;
  }
  if ((await textOf(aside)) !== found) await link(aside, lock);
  await rm(aside, { force: true });
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
