import type { MessagePort } from 'node:worker_threads';
import { DimgxError, type ErrorCode, systemCode, toDimgxError } from '../errors.ts';
import type { EngineTask } from './engine.ts';
import type { FlattenOutcome } from './flatten-result.ts';
import type { FileTarget } from './options.ts';
import type { Progress, ProgressListener } from './progress.ts';
import type { Claim } from './verify.ts';

/** Set to 1 by the main thread when the work shall end; threads look at it between blocks. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

const BETWEEN_REPORTS_MS = 200;

/** What a thread is made with. */
export interface ThreadData {
  /** It lets other threads go first. */
  readonly background: boolean;
}

export interface EngineWork {
  readonly task: EngineTask;
  /** The file to write to; undefined: bytes go to the main thread as `chunk` messages. */
  readonly file: FileTarget | undefined;
  readonly stop: StopFlag;
}

export interface VerifyWork {
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

/** What a thread says that works on layers; `done` and `failed` are its last words. */
export type FromThread<R> =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly outcome: R }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** What the engine's thread says. */
export type FromEngine =
  | FromThread<FlattenOutcome>
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array<ArrayBuffer> };

/** What a thread hears: its work, that a chunk was taken, that the stop flag is set, or that there is no more work. */
export type ToThread = { readonly work: object } | 'taken' | 'stop' | 'end';

/**
 * Says how far a thread is, a few times a second at the most; but that a phase begins, and what the one before came to, in
 * any case, since times and sizes are told by phase.
 */
export function progressTo(port: Pick<MessagePort, 'postMessage'>): ProgressListener {
  let reported = 0;
  let last: Progress | undefined;
  let isWithheld = false;
  const report = (progress: Progress): void =>
    port.postMessage({ kind: 'progress', progress } satisfies FromThread<never>);
  return (progress) => {
    const now = performance.now();
    const isNew = progress.phase !== last?.phase;
    const isWhole = progress.bytes === progress.totalBytes;
    if (isNew && isWithheld && last !== undefined) report(last);
    last = progress;
    isWithheld = !isNew && !isWhole && now - reported < BETWEEN_REPORTS_MS;
    if (isWithheld) return;
    reported = now;
    report(progress);
  };
}

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
