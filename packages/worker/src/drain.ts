import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError } from '@dimgx/core';
import type { Logger } from 'pino';

export interface DrainSettings {
  /** Milliseconds that running jobs have to end. */
  readonly grace: number;
  /** Ids of the jobs that are being worked on. */
  readonly jobs: ReadonlySet<string>;
  readonly log: Logger;
}

/** How long interrupted jobs may take to clean up behind themselves. Milliseconds. */
const cleanUpWithin = 10_000;
/** How long a worker without jobs may take. Without Redis it would never be closed. Milliseconds. */
const idleEndsWithin = 2000;

/** The end of a worker, and of the jobs that it still has then. */
export class Drain {
  readonly #settings: DrainSettings;
  readonly #begun = new AbortController();
  readonly #interrupted = new AbortController();

  constructor(settings: DrainSettings) {
    this.#settings = settings;
  }

  /** Aborted when the worker takes no more jobs. */
  get begun(): AbortSignal {
    return this.#begun.signal;
  }

  /** Aborted with an `INTERRUPTED` when jobs are not waited for any longer. */
  get interrupted(): AbortSignal {
    return this.#interrupted.signal;
  }

  /** Closes what takes jobs; resolves when the running ones have ended, or have had their time. */
  async end(workers: readonly { close(): Promise<unknown> }[]): Promise<void> {
    const { grace, jobs, log } = this.#settings;
    const left = [...jobs];
    log.info({ jobs: left, graceSeconds: grace / 1000 }, drainText(left.length, grace));
    this.#begun.abort();
    const timer = setTimeout(() => this.hurry(), grace);
    const ended = Promise.all(workers.map((worker) => worker.close()));
    await Promise.race([ended, this.#cutOff()]);
    clearTimeout(timer);
    if (jobs.size > 0) log.warn({ jobs: [...jobs] }, 'stopped before its jobs had cleaned up');
    else log.info('stopped');
  }

  /** Hands on the jobs that have not ended yet. */
  hurry(): void {
    const { jobs, log } = this.#settings;
    if (jobs.size > 0 && !this.interrupted.aborted) {
      log.info({ jobs: [...jobs] }, 'its jobs have had their time: other workers take them');
    }
    this.#interrupted.abort(new DimgxError('INTERRUPTED', 'the worker was stopped'));
  }

  async #cutOff(): Promise<void> {
    await delay(idleEndsWithin, undefined, { ref: false });
    if (this.#settings.jobs.size === 0) return;
    if (!this.interrupted.aborted) await once(this.interrupted, 'abort');
    await delay(cleanUpWithin, undefined, { ref: false });
  }
}

function drainText(jobs: number, grace: number): string {
  if (jobs === 0) return 'takes no more jobs, and has none';
  const which = jobs === 1 ? 'the one that it has may' : `the ${jobs} that it has may`;
  return `takes no more jobs; ${which} go on for ${grace / 1000} seconds, then others take them`;
}
