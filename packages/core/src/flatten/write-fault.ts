import { DimgxError, systemCode } from '../errors.ts';
import type { FileTarget } from './options.ts';

/** The disk's space, a quota's, or the largest file that the system or `ulimit -f` allows. */
const noSpace: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The coded error for a write to an open target that failed. */
export function writeFault({ name = 'the tar' }: FileTarget, cause: unknown): DimgxError {
  const reason = systemCode(cause) ?? 'unknown fault';
  if (noSpace.has(reason)) {
    return new DimgxError('NO_SPACE', `no space left for ${name}: free some, or choose another place`, {
      cause,
    });
  }
  return new DimgxError('TARGET_UNWRITABLE', `${name} can't be written on (${reason})`, { cause });
}
