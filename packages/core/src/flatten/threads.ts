import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DimgxError } from '../errors.ts';
import type { StopFlag, ToEngine } from './thread-messages.ts';

/** How long threads that were stopped have to clean up behind themselves. */
const GRACE_MS = 10_000;

/** A thread's module beside the one that starts it, built or as it is in the sources. */
export function threadScript(importer: string, name: string): URL {
  return new URL(`./${name}${extname(importer)}`, importer);
}

/** The threads of one piece of work, and the flag that stops them all. */
export class Threads {
  readonly flag: StopFlag = new Int32Array(new SharedArrayBuffer(4));
  readonly #workers: Worker[] = [];
  #stopped: { readonly reason: unknown } | undefined;

  start(script: URL, workerData: object): Worker {
    const worker = new Worker(script, { workerData });
    this.#workers.push(worker);
    return worker;
  }

  stop(reason: unknown): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { reason };
    Atomics.store(this.flag, 0, 1);
    for (const worker of this.#workers) worker.postMessage('stop' satisfies ToEngine);
    // One that is caught in a single call (a pattern can take a regular expression forever) sees no flag.
    setTimeout(() => this.#terminate(), GRACE_MS).unref();
  }

  /** What a thread has open is closed with it. */
  #terminate(): void {
    for (const worker of this.#workers) void worker.terminate();
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Why the work was stopped counts, not what the threads then say. */
  throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }
}

export interface Settle<R> {
  resolve(value: R): void;
  reject(reason: unknown): void;
}

/** What a thread said last, once it has ended. */
export function lastWord<M, R>(worker: Worker, hear: (message: M, settle: Settle<R>) => void): Promise<R> {
  return new Promise((resolve, reject) => {
    let finish = (): void =>
      reject(new DimgxError('INTERNAL', 'a thread of the engine ended without a word'));
    const settle: Settle<R> = {
      resolve: (value) => {
        finish = () => resolve(value);
      },
      reject: (reason) => {
        finish = () => reject(reason);
      },
    };
    worker.on('message', (message: M) => hear(message, settle));
    worker.on('error', (error) => settle.reject(new DimgxError('INTERNAL', error.message, { cause: error })));
    worker.on('exit', () => finish());
  });
}
