import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { type FileHandle, link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DimgxError, systemCode } from '@dimgx/core';
import { type Target, targetFault } from './target.ts';

/** File systems without hard links (FAT, some network and FUSE ones) answer with one of these. */
const withoutLinks: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Milliseconds without a write after which nobody, on whatever host, can be at work on a partial file any more. */
const abandonedAfter = 24 * 60 * 60 * 1000;
const partialName = /^\.dimgx-\d+-[0-9a-f]{12}\.partial$/;

/**
 * A file that appears complete or not at all: written under another name in the same folder, synced, then given
 * its name. `path` is what the user is told, `file` where it lies.
 */
export async function openFileTarget(
  path: string,
  file: string,
  options: { readonly replace: boolean },
): Promise<Target> {
  const folder = dirname(file);
  const partial = join(folder, `.dimgx-${process.pid}-${randomBytes(6).toString('hex')}.partial`);
  await sweepAbandoned(folder);
  const handle = await open(partial, 'wx', 0o666);
  const removeAtExit = (): void => rmSync(partial, { force: true });
  process.on('exit', removeAtExit);

  const discard = async (): Promise<void> => {
    await handle.close();
    await rm(partial, { force: true });
    process.off('exit', removeAtExit);
  };
  const commit = async (): Promise<void> => {
    await handle.sync();
    await (options.replace ? rename(partial, file) : appear(partial, file));
    await discard();
    await syncFolder(folder);
  };
  return {
    key: path,
    sink: { kind: 'file', fd: handle.fd, name: path },
    commit: () => commit().catch((error) => Promise.reject(targetFault(path, error))),
    discard,
  };
}

/** Gives the file its name unless somebody else has taken that meanwhile. */
async function appear(partial: string, file: string): Promise<void> {
  try {
    await link(partial, file);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') {
      throw new DimgxError('TARGET_EXISTS', `${file} appeared meanwhile; --force replaces it`, {
        cause: error,
      });
    }
    if (!withoutLinks.includes(systemCode(error))) throw error;
    await rename(partial, file);
  }
}

/** Removes what processes that were killed left of their work. */
async function sweepAbandoned(folder: string): Promise<void> {
  const limit = Date.now() - abandonedAfter;
  // A folder may be writable but not readable; then there is nothing to be seen of it.
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((found) => partialName.test(found))) {
    const path = join(folder, name);
    const found = await lstat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < limit) await rm(path, { force: true }).catch(() => {});
  }
}

/** Makes the new name last too. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    // Some file systems can't sync folders, and a folder may be writable but not readable: the file itself is safe.
    if (!['EINVAL', 'EACCES', 'ENOTSUP', 'EPERM'].includes(systemCode(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
