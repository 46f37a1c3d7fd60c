import type { Sink } from '@dimgx/core';
import { DimgxError, systemCode } from '@dimgx/core';

/**
 * Where `flatten` writes. Whoever opened it ends it with exactly one of `commit` and `discard`, both of which wait
 * until nothing is open any more.
 */
export interface Target {
  /** As the report names it: the path, or `-`. */
  readonly key: string;
  readonly sink: Sink;
  /** Makes what was written last and, where it is a file, visible. */
  commit(): Promise<void>;
  /** Leaves nothing behind; harmless after `commit`. */
  discard(): Promise<void>;
}

export interface TargetOptions {
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

const spaceCodes: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** The fault of a system call on the target, as the user is told it. */
export function targetFault(path: string, thrown: unknown): DimgxError {
  if (thrown instanceof DimgxError) return thrown;
  if (spaceCodes.includes(systemCode(thrown))) {
    return new DimgxError('NO_SPACE', `no space left for ${path}; free some, or choose another folder`, {
      cause: thrown,
    });
  }
  return new DimgxError('TARGET_UNWRITABLE', `can't write ${path}`, { cause: thrown });
}
