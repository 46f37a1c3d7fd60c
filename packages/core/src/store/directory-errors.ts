import { DimgxError, type ErrorCode, systemCode } from '../errors.ts';

interface Verdict {
  readonly code: ErrorCode;
  readonly reason: string;
}

const denied = { code: 'STORE_DENIED', reason: 'denies access to this user' } as const;
const full = { code: 'NO_SPACE', reason: 'has no space left' } as const;

const verdicts: Record<string, Verdict> = {
  EACCES: denied,
  EPERM: denied,
  EROFS: { code: 'STORE_DENIED', reason: 'is on a read-only file system' },
  ELOOP: { code: 'STORE_DENIED', reason: 'has a symbolic link where none may be' },
  ENOSPC: full,
  EDQUOT: { code: 'NO_SPACE', reason: "is at its owner's disk quota" },
  ENOENT: {
    code: 'STORE_FAILED',
    reason: 'does not exist (make or mount it), or something else removes files from it',
  },
  ENOTDIR: { code: 'STORE_FAILED', reason: 'has a file where a folder should be' },
  EISDIR: { code: 'STORE_FAILED', reason: 'has a folder where a file should be' },
};

/** `action` as in "can't write x.tar"; `folder` is the store's. */
export function directoryError(thrown: unknown, action: string, folder: string): DimgxError {
  if (thrown instanceof DimgxError) return thrown;
  const code = systemCode(thrown);
  const verdict = code === undefined ? undefined : verdicts[code];
  if (verdict === undefined) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new DimgxError('STORE_FAILED', `can't ${action} in ${folder}: ${message}`, { cause: thrown });
  }
  const message = `can't ${action}: the folder ${folder} ${verdict.reason}`;
  return new DimgxError(verdict.code, message, { cause: thrown });
}
