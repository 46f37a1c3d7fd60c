import { DimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import type { Idempotency } from '../idempotency.ts';
import { defaultLifetimes, type JobLifetimes } from '../job-lifetimes.ts';
import type { JobQueue } from '../job-queue.ts';
import type { RedisSettings } from '../redis-address.ts';
import { connectRedis } from '../redis-connection.ts';
import type { Redis } from '../redis-options.ts';
import { repeat } from '../repeated.ts';
import type { Tracing } from '../tracing/tracing.ts';
import type { Batch, BatchItem } from './batch.ts';
import { type BatchPage, BatchRecords, newBatch, noBatch } from './batch-records.ts';
import { BatchWork } from './batch-work.ts';

export interface BatchSettings {
  readonly redis: RedisSettings;
  readonly queue: Pick<JobQueue, 'enqueue' | 'list' | 'cancel'>;
  readonly lifetimes?: JobLifetimes | undefined;
  /** Milliseconds between two looks at what others have left. */
  readonly interval?: number;
  readonly tracing?: Tracing | undefined;
  readonly log: Logger;
}

/** What makes a batch more than its items. */
export interface BatchSubmission extends Pick<Batch, 'callback' | 'schedule' | 'retryOf'> {
  readonly duplicates?: number;
  readonly idempotency?: Idempotency | undefined;
  /** Whose share of the workers its jobs take; nobody's in particular unless given. */
  readonly owner?: string | undefined;
  /** The `traceparent` of what makes it, which its callback continues; its jobs have traces of their own. */
  readonly trace?: string | undefined;
}

/** What came of the wish to cancel a batch. */
export interface BatchCancellation {
  readonly batch: Batch;
  /** False if it was cancelled before. */
  readonly isNew: boolean;
}

const defaultInterval = 1000;
const listedAtOnce = 500;

/** Many jobs at once, taken in as one. Throws `REDIS_UNREACHABLE`. */
export class Batches {
  readonly #records: BatchRecords;
  readonly #queue: Pick<JobQueue, 'list'>;
  readonly #work: () => void;
  readonly #close: () => Promise<void>;

  /** Makes jobs from now on. Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes it. */
  static async start(settings: BatchSettings): Promise<Batches> {
    const { log } = settings;
    const redis = await connectRedis(settings.redis, 'producer', (err) =>
      log.warn({ err }, 'redis connection'),
    );
    return new Batches(redis, settings);
  }

  private constructor(redis: Redis, settings: BatchSettings) {
    const { queue, lifetimes = defaultLifetimes, interval = defaultInterval, log } = settings;
    const records = new BatchRecords(redis, lifetimes, settings.tracing);
    const ending = new AbortController();
    const work = new BatchWork({ records, queue, signal: ending.signal, log });
    const onFault = (error: unknown) => log.warn({ err: error }, 'no jobs of batches for now');
    const rounds = repeat(interval, () => work.round(), onFault);
    this.#records = records;
    this.#queue = queue;
    this.#work = rounds.now;
    this.#close = async () => {
      ending.abort();
      await rounds.end();
      redis.disconnect();
    };
  }

  /**
   * Takes in a batch, all of it or nothing; its jobs are made from then on, here or by whoever else runs. With an
   * idempotency key that is known, gives the batch it made. Throws `IDEMPOTENCY_MISMATCH`.
   */
  async submit(
    items: readonly BatchItem[],
    { idempotency, owner, trace, ...more }: BatchSubmission = {},
  ): Promise<{ batch: Batch; isNew: boolean }> {
    const batch = newBatch(items.length, more);
    const { id, isNew } = await this.#records.open(batch, items, { idempotency, owner, trace });
    this.#work();
    return { batch: isNew ? batch : await this.#records.find(id), isNew };
  }

  /** Throws `BATCH_NOT_FOUND`. */
  find(id: string): Promise<Batch> {
    return this.#records.find(id);
  }

  /** At most `limit` batches, newest first, beginning before the batch `before`. */
  list(limit: number, before?: string): Promise<BatchPage> {
    return this.#records.page(limit, before);
  }

  /**
   * Cancels all jobs of a batch that have not ended. Harmless for one that is cancelled already. Throws
   * `BATCH_NOT_FOUND`, and `BATCH_FINISHED` if all its jobs have ended.
   */
  async cancel(id: string): Promise<BatchCancellation> {
    const before = (await this.#records.cancel(id)) ?? noBatch(id);
    if (before === 'finished') {
      throw new DimgxError('BATCH_FINISHED', `batch ${id} has finished already and can't be cancelled`);
    }
    this.#work();
    return { batch: await this.#records.find(id), isNew: before === 'running' };
  }

  /**
   * A new batch that does the failed jobs again. Throws `BATCH_NOT_FOUND`, `BATCH_NOT_FINISHED` while jobs of it are to
   * end, and `NOTHING_FAILED`.
   */
  async retry(
    id: string,
    more: Pick<BatchSubmission, 'idempotency' | 'owner' | 'trace'> = {},
  ): Promise<Batch> {
    const { finishedAt, callback, counts } = await this.#records.find(id);
    if (finishedAt === undefined) {
      throw new DimgxError(
        'BATCH_NOT_FINISHED',
        `batch ${id} has jobs that have not ended: wait, or cancel it`,
      );
    }
    const items = await this.#failedItems(id);
    if (items.length === 0) {
      const remedy = `do the ${counts.cancelled} that were cancelled again one by one, or submit them as a new batch`;
      const rest = counts.cancelled === 0 ? '' : `; ${remedy}`;
      throw new DimgxError('NOTHING_FAILED', `batch ${id} has no failed job that is still known${rest}`);
    }
    return (await this.submit(items, { callback, retryOf: id, ...more })).batch;
  }

  /** Leaves what is not done to whoever runs next. */
  close(): Promise<void> {
    return this.#close();
  }

  async #failedItems(id: string): Promise<BatchItem[]> {
    const items: BatchItem[] = [];
    for (let before: string | undefined, isLast = false; !isLast; ) {
      const page = await this.#queue.list({ batch: id, state: 'failed' }, listedAtOnce, before);
      items.push(...page.jobs.map(({ id: retryOf, request }) => ({ request, retryOf })));
      before = page.next;
      isLast = page.next === undefined;
    }
    return items.reverse();
  }
}
