import type { Stats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DimgxError, systemCode } from '@dimgx/core';
import { openFileTarget } from './file-target.ts';
import { openDeviceTarget, openFifoTarget, openStdoutTarget } from './special-target.ts';
import { type Target, type TargetOptions, targetFault } from './target.ts';

/**
 * Opens what `-t` names: `-`, a file (written beside and renamed), or a device or fifo (written straight).
 *
 * Throws `TARGET_EXISTS`, `TARGET_FOLDER_MISSING`, `TARGET_UNWRITABLE`, `NO_SPACE`, or `USAGE` for a terminal.
 */
export async function openTarget(path: string, options: TargetOptions): Promise<Target> {
  if (path === '-') return openStdoutTarget(options.signal);
  if (path === '') throw new DimgxError('USAGE', 'the target has no name: -t PATH names a file, -t - stdout');
  try {
    return await openPath(path, options);
  } catch (error) {
    options.signal.throwIfAborted();
    throw targetFault(path, error);
  }
}

async function openPath(path: string, options: TargetOptions): Promise<Target> {
  const found = await statOf(stat, path);
  if (found === undefined) return openNewFile(path, options);
  // /dev/stdout and the like: what is written there is the stream itself, no matter what it is called.
  if (await isStdout(found)) return openStdoutTarget(options.signal);
  if (found.isFIFO()) return openFifoTarget(path, options.signal);
  if (found.isCharacterDevice()) return openDeviceTarget(path);
  if (found.isDirectory())
    throw new DimgxError('TARGET_UNWRITABLE', `${path} is a folder; name a file in it`);
  if (!options.force) {
    throw new DimgxError('TARGET_EXISTS', `${path} exists already; --force replaces it`);
  }
  if (found.isBlockDevice()) return openDeviceTarget(path);
  // A link stays a link: the file that it leads to is replaced.
  return openFileTarget(path, await realpath(path), { replace: true, sha256: options.sha256 });
}

async function openNewFile(path: string, options: TargetOptions): Promise<Target> {
  const folder = await statOf(stat, dirname(resolve(path)));
  if (folder === undefined || !folder.isDirectory() || path.endsWith('/')) {
    const missing = path.endsWith('/') ? path : dirname(path);
    const what = folder === undefined || path.endsWith('/') ? 'there is no folder' : 'this is no folder:';
    throw new DimgxError('TARGET_FOLDER_MISSING', `${what} ${missing}; make it first`);
  }
  const dangling = (await statOf(lstat, path)) !== undefined;
  if (dangling && !options.force) {
    throw new DimgxError('TARGET_EXISTS', `${path} is a link that leads nowhere; --force replaces it`);
  }
  return openFileTarget(path, resolve(path), { replace: dangling, sha256: options.sha256 });
}

async function statOf(call: (path: string) => Promise<Stats>, path: string): Promise<Stats | undefined> {
  try {
    return await call(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function isStdout(found: Stats): Promise<boolean> {
  const stdout = await statOf(stat, '/dev/fd/1');
  return stdout !== undefined && stdout.dev === found.dev && stdout.ino === found.ino;
}
