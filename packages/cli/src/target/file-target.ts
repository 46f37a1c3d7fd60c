import { rmSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DimgxError, systemCode } from '@dimgx/core';
import { openNewPartial, openPartialOf, type PartialFile } from './partial-file.ts';
import { type KeptBytes, type Target, targetFault } from './target.ts';

/** File systems without hard links (FAT, some network and FUSE ones) answer with one of these. */
const withoutLinks: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** Bytes that are read at once. */
const pieceSize = 1024 * 1024;

export interface FileTargetOptions {
  /** Whether a file of the name may be there. */
  readonly replace: boolean;
  /** As of the options of a target. */
  readonly sha256?: string | undefined;
}

/**
 * A file that appears complete or not at all: written under another name in the same folder, synced, then given
 * its name. `path` is what the user is told, `file` where it lies.
 */
export async function openFileTarget(
  path: string,
  file: string,
  { replace, sha256 }: FileTargetOptions,
): Promise<Target> {
  const folder = dirname(file);
  const partial = sha256 === undefined ? await openNewPartial(folder) : await openPartialOf(file, sha256);
  const { handle } = partial;
  const removeAtExit = (): void => rmSync(partial.path, { force: true });
  if (sha256 === undefined) process.on('exit', removeAtExit);

  const discard = async (): Promise<void> => {
    await handle.close();
    await rm(partial.path, { force: true });
    process.off('exit', removeAtExit);
  };
  const commit = async (): Promise<void> => {
    await handle.sync();
    await (replace ? rename(partial.path, file) : appear(partial.path, file));
    await discard();
    await syncFolder(folder);
  };
  return {
    key: path,
    sink: { kind: 'file', fd: handle.fd, name: path },
    ...(sha256 !== undefined && { kept: keptBytes(partial) }),
    commit: () => commit().catch((error) => Promise.reject(targetFault(path, error))),
    discard,
  };
}

function keptBytes({ path, restingPath, handle, size }: PartialFile): KeptBytes {
  const keep = async (): Promise<void> => {
    await handle.close();
    await rename(path, restingPath);
  };
  return { path: restingPath, size, read: () => pieces(handle, size), keep };
}

/** Leaves the file where what follows is written. */
async function* pieces(handle: FileHandle, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; ) {
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(left, pieceSize)));
    if (bytesRead === 0) return;
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
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
