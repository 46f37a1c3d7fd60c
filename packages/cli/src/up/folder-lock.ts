import { randomBytes } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DimgxError, systemCode } from '@dimgx/core';
import { identifyProcess, isAlive } from './process-life.ts';

/** Held while one process has the folder for itself. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Takes the folder for this process; a lock of a dead process does not count. Throws `CONFIG_INVALID` if another process
 * has it.
 *
 * Locks are numbered, the highest counts, and a dead one is followed by the next number: of all who see it dead, one
 * can make that file. Whoever was slow, and made one that is not the highest any more, takes it back.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const own = join(folder, `.up-${randomBytes(6).toString('hex')}`);
  const identity = await identifyProcess(process.pid);
  await writeFile(own, `${process.pid} ${identity?.startedAt ?? ''}\n`, { flag: 'wx' });
  try {
    for (;;) {
      const before = await highestLock(folder);
      if (!(await isDead(folder, before))) continue;
      const lock = join(folder, lockName(before + 1));
      if (!(await gainedName(own, lock))) continue;
      if ((await highestLock(folder)) === before + 1) {
        await removeBelow(folder, before + 1);
        return { release: () => rm(lock, { force: true }) };
      }
      await rm(lock, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

function lockName(number: number): string {
  return `up-${number}.pid`;
}

/** Their numbers, in no order. */
async function locks(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => /^up-(\d{1,9})\.pid$/.exec(name)?.slice(1) ?? []).map(Number);
}

/** 0 if there is none. */
async function highestLock(folder: string): Promise<number> {
  return Math.max(0, ...(await locks(folder)));
}

/** Appears whole, with what is in `own`, unless it is there. */
async function gainedName(own: string, lock: string): Promise<boolean> {
  try {
    await link(own, lock);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** False if the lock is gone meanwhile. Throws `CONFIG_INVALID` if its process lives. */
async function isDead(folder: string, lock: number): Promise<boolean> {
  if (lock === 0) return true;
  const text = await textOf(join(folder, lockName(lock)));
  if (text === undefined) return false;
  const [pid = '', startedAt = ''] = text.trim().split(' ');
  if (!(await isAlive({ pid: Number(pid), startedAt }))) return true;
  const message = `another dimgx up, process ${pid}, has the data folder ${folder}: use that service, stop it, or name another folder by --data`;
  throw new DimgxError('CONFIG_INVALID', message);
}

async function removeBelow(folder: string, lock: number): Promise<void> {
  for (const number of await locks(folder)) {
    if (number < lock) await rm(join(folder, lockName(number)), { force: true });
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
