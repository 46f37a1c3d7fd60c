import { extname } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { DimgxError } from '../errors.ts';
import { dropListeners, keepThread, type ThreadKind, takeThread } from './idle-threads.ts';
import type { StopFlag, ToThread } from './thread-messages.ts';

/** How long threads that were stopped have to clean up behind themselves. */
const GRACE_MS = 10_000;
/** One that was at work for longer took little to start beside that, and its memory goes with it. */
const WORTH_KEEPING_MS = 1_000;

/** A thread's module beside the one that starts it, built or as it is in the sources. */
export function threadScript(importer: string, name: string): URL {
  return new URL(`./${name}${extname(importer)}`, importer);
}

/** How the main thread talks with a thread at work. A last word ends it; one that failed is not used again. */
export interface Talk<R> {
  say(message: ToThread): void;
  resolve(value: R): void;
  reject(reason: unknown): void;
}

/** The threads of one task, and the flag that stops them all. */
export class Threads {
  readonly flag: StopFlag = new Int32Array(new SharedArrayBuffer(4));
  readonly #background: boolean;
  readonly #working = new Set<Worker>();
  #stopped: { readonly reason: unknown } | undefined;

  /** `background`: they let other threads go first. */
  constructor({ background = false }: { readonly background?: boolean | undefined } = {}) {
    this.#background = background;
  }

  /** Has a thread do a piece of work, and gives its last word; `hear` gets all that it says. */
  work<M, R>(script: URL, work: object, hear: (message: M, thread: Talk<R>) => void): Promise<R> {
    const kind: ThreadKind = { script, background: this.#background };
    const worker = takeThread(kind);
    const since = performance.now();
    this.#working.add(worker);
    return new Promise((resolve, reject) => {
      let finish = (): void =>
        reject(new DimgxError('INTERNAL', 'a thread of the engine ended without a word'));
      const leave = (): void => {
        this.#working.delete(worker);
        dropListeners(worker);
        finish();
      };
      const say = (message: ToThread): void => worker.postMessage(message);
      const talk: Talk<R> = {
        say,
        resolve: (value) => {
          finish = () => resolve(value);
          if (this.isStopped || performance.now() - since > WORTH_KEEPING_MS) return say('end');
          leave();
          keepThread(kind, worker);
        },
        reject: (reason) => {
          finish = () => reject(reason);
          say('end');
        },
      };
      worker.on('message', (message: M) => hear(message, talk));
      worker.on('error', (error) => {
        finish = () => reject(new DimgxError('INTERNAL', error.message, { cause: error }));
      });
      worker.on('exit', leave);
      say({ work });
    });
  }

  stop(reason: unknown): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { reason };
    Atomics.store(this.flag, 0, 1);
    for (const worker of this.#working) worker.postMessage('stop' satisfies ToThread);
    // One that is caught in a single call (a pattern can take a regular expression forever) sees no flag.
    setTimeout(() => this.#terminate(), GRACE_MS).unref();
  }

  /** What a thread has open is closed with it. */
  #terminate(): void {
    for (const worker of this.#working) void worker.terminate();
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Why the work was stopped counts, not what the threads then say. */
  throwIfStopped(): void {
    if (this.#stopped !== undefined) throw this.#stopped.reason;
  }
}
