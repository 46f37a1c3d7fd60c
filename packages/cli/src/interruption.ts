import { constants } from 'node:os';
import { DimgxError, systemCode } from '@dimgx/core';

const caught = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What stops a run from outside. One for the whole process. */
export interface Interruption {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, or when stdout can't be written any more. */
  readonly signal: AbortSignal;
  /** What shells call an end by the signal that came; undefined if none has. */
  readonly exitCode: number | undefined;
  /** Why stdout can't be written any more. */
  readonly stdoutFault: DimgxError | undefined;
}

/** A reader that went away (`dimgx … | head`) is no fault to tell of; shells call such an end 128 + SIGPIPE. */
export const brokenPipeExitCode = 128 + constants.signals.SIGPIPE;

/** Whether `error` says that the reader of a pipe went away. */
export function isBrokenPipe(error: DimgxError): boolean {
  return systemCode(error.cause) === 'EPIPE';
}

/** Whether `thrown` is why the run was stopped, with what the user should know besides. */
export function tellsInterruption(thrown: unknown, { reason }: AbortSignal): boolean {
  return thrown instanceof DimgxError && thrown.code === 'INTERRUPTED' && thrown.cause === reason;
}

/**
 * Listens for signals and for the end of stdout's reader. A second signal ends the process at once; whoever must
 * clean up even then does so synchronously in an `exit` listener.
 */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const state = {
    signal: controller.signal,
    exitCode: undefined as number | undefined,
    stdoutFault: undefined as DimgxError | undefined,
  };
  for (const name of caught) {
    process.on(name, () => {
      const exitCode = 128 + constants.signals[name];
      if (state.exitCode !== undefined) process.exit(exitCode);
      state.exitCode = exitCode;
      controller.abort(new DimgxError('INTERRUPTED', `stopped by ${name}`));
    });
  }
  process.stdout.on('error', (error) => {
    const code = systemCode(error) === 'ENOSPC' ? 'NO_SPACE' : 'TARGET_UNWRITABLE';
    state.stdoutFault ??= new DimgxError(code, "can't write to stdout", { cause: error });
    controller.abort(state.stdoutFault);
  });
  // Progress and warnings are a courtesy: without a reader they are not missed.
  process.stderr.on('error', () => {});
  return state;
}
