import { DimgxError, type ErrorCode, systemCode, toDimgxError } from '../errors.ts';
import type { EngineTask } from './engine.ts';
import type { FlattenOutcome } from './flatten-result.ts';
import type { Progress } from './progress.ts';
import type { Claim } from './verify.ts';

/** Set to 1 by the main thread when the work shall end; threads look at it between blocks. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

export interface EngineThreadData {
  readonly task: EngineTask;
  /** The file to write to; undefined: bytes go to the main thread as `chunk` messages. */
  readonly fd: number | undefined;
  readonly stop: StopFlag;
}

export interface VerifyThreadData {
  readonly claims: readonly Claim[];
  readonly stop: StopFlag;
}

/** An error on its way between threads: classes and codes do not survive the copy by themselves. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly causeMessage?: string;
  readonly causeStack?: string;
  readonly causeCode?: string;
}

/** What the engine's thread says; `done` and `failed` are its last words. */
export type FromEngine =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'done'; readonly outcome: FlattenOutcome }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What the engine's thread hears: a chunk was taken, or the stop flag is set. */
export type ToEngine = 'taken' | 'stop';

export type FromVerifier = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly failure: Failure };

/** Thrown in a thread that found the stop flag set; the main thread knows why and says that instead. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export function checkStop(stop: StopFlag): void {
  if (Atomics.load(stop, 0) === 1) throw new Stopped('stopped');
}

export function toFailure(thrown: unknown): Failure {
  const { code, message, cause } = toDimgxError(thrown);
  if (!(cause instanceof Error)) return { code, message };
  return {
    code,
    message,
    causeMessage: cause.message,
    causeStack: cause.stack,
    causeCode: systemCode(cause),
  };
}

export function fromFailure({ code, message, causeMessage, causeStack, causeCode }: Failure): DimgxError {
  if (causeMessage === undefined) return new DimgxError(code, message);
  const cause = Object.assign(new Error(causeMessage), causeCode === undefined ? {} : { code: causeCode });
  if (causeStack !== undefined) cause.stack = causeStack;
  return new DimgxError(code, message, { cause });
}
