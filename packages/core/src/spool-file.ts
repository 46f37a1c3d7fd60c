import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DimgxError, systemCode } from './errors.ts';

/**
 * An open file without a name in `folder`: when its descriptor is closed, or its process dies, nothing is left of
 * it. The caller closes it. Throws `NO_SPACE`, or `CONFIG_INVALID` where the folder takes no files.
 */
export function openSpoolFile(folder: string): number {
  const path = join(folder, `.dimgx-${randomUUID()}`);
  let fd: number | undefined;
  try {
    fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return fd;
  } catch (cause) {
    if (fd !== undefined) closeSync(fd);
    throw spoolError(folder, cause);
  }
}

/** The coded error for a fault met while writing a spool file. */
export function spoolError(folder: string, cause: unknown): DimgxError {
  const reason = systemCode(cause) ?? 'unknown fault';
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    const message = `no space left in the spool folder ${folder}: free some, or choose another by DIMGX_TMP`;
    return new DimgxError('NO_SPACE', message, { cause });
  }
  const message = `the spool folder ${folder} takes no files (${reason}): choose another by DIMGX_TMP`;
  return new DimgxError('CONFIG_INVALID', message, { cause });
}
