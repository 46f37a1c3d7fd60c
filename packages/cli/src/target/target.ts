import type { Sink } from '@dimgx/core';
import { DimgxError, systemCode } from '@dimgx/core';

/**
 * Where `flatten` and `download` write. Whoever opened it ends it with exactly one of `commit`, `discard` and `kept.keep`,
 * all of which wait until nothing is open any more.
 */
export interface Target {
  /** As the report names it: the path, or `-`. */
  readonly key: string;
  readonly sink: Sink;
  /** Of a file whose content was told: what there is of it. */
  readonly kept?: KeptBytes;
  /** Makes what was written last and, where it is a file, visible. */
  commit(): Promise<void>;
  /** Leaves nothing behind; harmless after `commit`. */
  discard(): Promise<void>;
}

/** The beginning of a file that another run can complete. */
export interface KeptBytes {
  /** Where they lie when they are left to a later run. */
  readonly path: string;
  /** How many an earlier run has left: what is written goes behind them, once they have been read. */
  readonly size: number;
  read(): AsyncIterable<Uint8Array>;
  /** Leaves them to a later run, and what was written behind them. */
  keep(): Promise<void>;
}

export interface TargetOptions {
  /** Whether an existing file may be replaced. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** The digest of what a file is to hold, where a run may go on with what an earlier one has left of it. */
  readonly sha256?: string | undefined;
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
