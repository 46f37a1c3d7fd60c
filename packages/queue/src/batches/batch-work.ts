import { DimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import type { JobQueue } from '../job-queue.ts';
import type { BatchRecords, ClaimedBatch } from './batch-records.ts';

export interface BatchWorkParts {
  readonly records: BatchRecords;
  readonly queue: Pick<JobQueue, 'enqueue' | 'list' | 'cancel'>;
  /** Aborted when this process is to leave the rest to others. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const cancelledAtOnce = 50;
/** Those at work first: each second of theirs costs something. */
const cancellable = ['active', 'queued'] as const;

/** Makes the jobs of batches, and cancels those of cancelled ones; what one process leaves, another goes on with. */
export class BatchWork {
  readonly #parts: BatchWorkParts;

  constructor(parts: BatchWorkParts) {
    this.#parts = parts;
  }

  /** Does all that is due, by turns where there are several batches. */
  async round(): Promise<void> {
    const { records, signal } = this.#parts;
    await records.sweep();
    while (!signal.aborted) {
      const claimed = await records.claim();
      if (claimed === undefined) return;
      if (claimed.state === 'running') await this.#build(claimed);
      else await this.#cancel(claimed);
    }
  }

  async #build(claimed: ClaimedBatch): Promise<void> {
    const { records, queue, log } = this.#parts;
    const jobs = await records.build(claimed);
    if (jobs.length === 0) return;
    // Should this process die here, mending finds the records and queues them.
    await queue.enqueue(jobs);
    log.debug({ batch: claimed.id, built: claimed.built + jobs.length }, 'jobs of a batch made');
  }

  /** Until a whole pass finds none: a worker may take a job that waits in one pass up before the pass comes to it. */
  async #cancel(claimed: ClaimedBatch): Promise<void> {
    const { records, signal, log } = this.#parts;
    let cancelled: number;
    do {
      cancelled = await this.#cancelPass(claimed);
      if (signal.aborted) return;
    } while (cancelled > 0);
    await records.settle(claimed);
    log.info({ batch: claimed.id }, 'batch cancelled');
  }

  async #cancelPass(claimed: ClaimedBatch): Promise<number> {
    const { records, queue, signal } = this.#parts;
    let cancelled = 0;
    for (const state of cancellable) {
      for (let before: string | undefined, isLast = false; !isLast && !signal.aborted; ) {
        const { jobs, next } = await queue.list({ batch: claimed.id, state }, cancelledAtOnce, before);
        await Promise.all(jobs.map(({ id }) => this.#cancelJob(id)));
        cancelled += jobs.length;
        before = next;
        isLast = next === undefined;
        await records.renew(claimed);
      }
    }
    return cancelled;
  }

  async #cancelJob(id: string): Promise<void> {
    try {
      await this.#parts.queue.cancel(id);
    } catch (error) {
      const hasEnded = error instanceof DimgxError && endedCodes.has(error.code);
      if (!hasEnded) throw error;
    }
  }
}

const endedCodes: ReadonlySet<string> = new Set(['JOB_FINISHED', 'JOB_NOT_FOUND']);
