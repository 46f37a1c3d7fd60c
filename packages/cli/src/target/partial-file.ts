import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DimgxError } from '@dimgx/core';
import { identifyProcess, isAlive } from '../up/process-life.ts';

/** What is written before it is complete and gets its name. */
export interface PartialFile {
  readonly path: string;
  /** At its beginning. */
  readonly handle: FileHandle;
  /** Bytes that an earlier run has written. */
  readonly size: number;
  /** Where it waits for a later run; empty if none can go on with it. */
  readonly restingPath: string;
}

/** Milliseconds without a write after which nobody, on whatever host, can be at work on a partial file any more. */
const abandonedAfter = 24 * 60 * 60 * 1000;
const onceName = /^\.dimgx-\d+-[0-9a-f]{12}\.partial$/;
/** Names of files have 255 bytes at the most; what stands around this one takes the rest. */
const longestName = 200;

/** One of a name of its own, in the folder. */
export async function openNewPartial(folder: string): Promise<PartialFile> {
  const path = join(folder, `.dimgx-${process.pid}-${randomBytes(6).toString('hex')}.partial`);
  await sweepAbandoned(folder);
  return { path, handle: await open(path, 'wx', 0o666), size: 0, restingPath: '' };
}

/**
 * The one for a file and what it is to hold, named by both and, while one is at it, by its process. One that rests, or
 * whose process is dead, is taken over by giving it the name of the new process, which one of several can do. What was
 * left for another content is removed.
 */
export async function openPartialOf(file: string, sha256: string): Promise<PartialFile> {
  const folder = dirname(file);
  const begin = `.${shortName(basename(file))}.`;
  const content = sha256.replace('sha256:', '').slice(0, 12);
  const identity = await identifyProcess(process.pid);
  const path = join(folder, `${begin}${content}.${process.pid}-${identity?.startedAt ?? ''}.partial`);
  const restingPath = join(folder, `${begin}${content}.partial`);
  let claimed: { handle: FileHandle; size: number } | undefined;
  for (const left of await leftBehind(folder, begin)) {
    if (left.content === content) claimed ??= await claim(left.path, path);
    // Gone already if it has been taken over, by whomever.
    await rm(left.path, { force: true }).catch(() => {});
  }
  const { handle, size } = claimed ?? { handle: await open(path, 'wx+', 0o666), size: 0 };
  return { path, restingPath, handle, size };
}

function shortName(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name;
  return createHash('sha256').update(name).digest('hex');
}

interface LeftPartial {
  readonly path: string;
  readonly content: string;
  readonly size: number;
}

/** Those of ours that no process is at, the longest first. */
async function leftBehind(folder: string, begin: string): Promise<LeftPartial[]> {
  const found: LeftPartial[] = [];
  for (const name of await namesIn(folder)) {
    if (!name.startsWith(begin)) continue;
    const parts = /^([0-9a-f]{12})(?:\.(\d+)-(\d*))?\.partial$/.exec(name.slice(begin.length));
    const [, content, pid, startedAt = ''] = parts ?? [];
    if (content === undefined) continue;
    if (pid !== undefined && (await isAlive({ pid: Number(pid), startedAt }))) continue;
    const path = join(folder, name);
    const stats = await lstat(path).catch(() => undefined);
    if (stats !== undefined && isOwn(stats)) found.push({ path, content, size: stats.size });
  }
  return found.sort((one, other) => other.size - one.size);
}

/** Undefined if somebody else was quicker. */
async function claim(from: string, path: string): Promise<{ handle: FileHandle; size: number } | undefined> {
  try {
    await rename(from, path);
  } catch {
    return undefined;
  }
  const handle = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  const stats = await handle.stat();
  if (isOwn(stats)) return { handle, size: stats.size };
  await handle.close();
  throw new DimgxError('TARGET_UNWRITABLE', `${path} is not this user's alone; remove it`);
}

/** Whoever may write in the folder could have put another there, such as a link to what they may not write. */
function isOwn(stats: Stats): boolean {
  const user = process.getuid?.() ?? stats.uid;
  return stats.isFile() && stats.nlink === 1 && stats.uid === user;
}

/** Removes what processes that were killed left of their work. */
async function sweepAbandoned(folder: string): Promise<void> {
  const limit = Date.now() - abandonedAfter;
  for (const name of (await namesIn(folder)).filter((found) => onceName.test(found))) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < limit) await rm(path, { force: true }).catch(() => {});
  }
}

/** None where a folder may be written and not read: then there is nothing to be seen of it. */
function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
