import { DimgxError } from '@dimgx/core';
import { idempotencyMismatch, idempotencyScript } from '../idempotency.ts';
import { newJobId } from '../job-id.ts';
import { indexesOf } from '../job-indexes.ts';
import { dayMilliseconds, type JobLifetimes, waitingEnds } from '../job-lifetimes.ts';
import { type Job, toFields } from '../job-record.ts';
import { newFields, newJob, type Submission } from '../job-records.ts';
import { runScript } from '../lua/redis-script.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { rfc3339 } from '../rfc3339.ts';
import { noTracing, type Tracing } from '../tracing/tracing.ts';
import { type Batch, type BatchItem, batchFields, batchItemSchema, batchOf } from './batch.ts';
import { batchKeys as keys } from './batch-keys.ts';
import { buildJobs } from './lua/build-jobs.ts';
import { cancelBatch } from './lua/cancel-batch.ts';
import { claimBatch } from './lua/claim-batch.ts';
import { openBatch } from './lua/open-batch.ts';
import { sweepBatches } from './lua/sweep-batches.ts';
import { slicesOf } from './slices.ts';

/** A batch with something to do, which is whoever's that claimed it until the lease ends. */
export interface ClaimedBatch {
  readonly id: string;
  readonly state: Batch['state'];
  /** How many of its jobs are made. */
  readonly built: number;
}

export interface BatchPage {
  readonly batches: readonly Batch[];
  /** The batch before which the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

/** Requests that lie ready and are not taken in go by themselves after this. Milliseconds. */
const readyFor = 10 * 60 * 1000;
const leaseLength = 15_000;
/** What one command writes, so that Redis is never blocked for long: bytes, and items. */
const writtenAtOnce = { bytes: 256 * 1024, items: 500 };
const builtAtOnce = { bytes: 128 * 1024, items: 50 };
const sweptAtOnce = 50;

/** The records of all batches; each change is one script. Throws `REDIS_UNREACHABLE`. */
export class BatchRecords {
  readonly #redis: Redis;
  readonly #lifetimes: JobLifetimes;
  readonly #tracing: Tracing;

  constructor(redis: Redis, lifetimes: JobLifetimes, tracing = noTracing) {
    this.#redis = redis;
    this.#lifetimes = lifetimes;
    this.#tracing = tracing;
  }

  /** Takes in a batch, whole or not at all. Throws `IDEMPOTENCY_MISMATCH`. */
  async open(
    batch: Batch,
    items: readonly BatchItem[],
    { idempotency, ...more }: Omit<Submission, 'origin'> = {},
  ): Promise<{ id: string; isNew: boolean }> {
    const { id } = batch;
    for (const slice of slicesOf(
      items.map((item) => JSON.stringify(item)),
      writtenAtOnce,
    )) {
      const ready = this.#redis
        .multi()
        .rpush(keys.items(id), ...slice)
        .pexpire(keys.items(id), readyFor);
      await overRedis(() => ready.exec());
    }
    const { key, args } = idempotencyScript(idempotency);
    const [outcome, found = id] = (await runScript(
      this.#redis,
      openBatch,
      [keys.batch(id), keys.items(id), ...key],
      [...[id, Date.now(), ...args, ...batchFields(batch)], ...toFields(more).flat()],
    )) as ['opened' | 'known' | 'mismatch' | 'late', string?];
    if (outcome !== 'opened') await overRedis(() => this.#redis.unlink(keys.items(id)));
    if (outcome === 'mismatch') throw idempotencyMismatch(found);
    if (outcome === 'late') {
      throw new DimgxError('REDIS_UNREACHABLE', 'Redis was too slow in taking the batch; submit it again');
    }
    return { id: found, isNew: outcome === 'opened' };
  }

  /** Throws `BATCH_NOT_FOUND`. */
  async find(id: string): Promise<Batch> {
    return (await findBatch(this.#redis, id)) ?? noBatch(id);
  }

  /** Newest first, beginning before the batch `before`. */
  async page(limit: number, before: string | undefined): Promise<BatchPage> {
    const from = before === undefined ? '+' : `(${before}`;
    const ids = await overRedis(() =>
      this.#redis.zrevrangebylex(keys.batches, from, '-', 'LIMIT', 0, limit + 1),
    );
    const found = await Promise.all(ids.slice(0, limit).map((id) => findBatch(this.#redis, id)));
    const batches = found.filter((batch) => batch !== undefined);
    return { batches, next: ids.length > limit ? ids[limit - 1] : undefined };
  }

  /** The batch with something to do that has been due for longest. */
  async claim(): Promise<ClaimedBatch | undefined> {
    const now = Date.now();
    const args = [now, now + leaseLength];
    const [id, state, built] = (await runScript(this.#redis, claimBatch, [keys.due], args)) as string[];
    return id === undefined ? undefined : { id, state: state as Batch['state'], built: Number(built) };
  }

  async renew({ id }: ClaimedBatch): Promise<void> {
    await overRedis(() => this.#redis.zadd(keys.due, 'XX', Date.now() + leaseLength, id));
  }

  /** Nothing is left to do for it. */
  async settle({ id }: ClaimedBatch): Promise<void> {
    await overRedis(() => this.#redis.zrem(keys.due, id));
  }

  /** Records the next jobs of a batch; gives those that nobody else had made. */
  async build({ id, built }: ClaimedBatch): Promise<Job[]> {
    const last = built + builtAtOnce.items - 1;
    const texts = await overRedis(() => this.#redis.lrange(keys.items(id), built, last));
    const [slice] = slicesOf(texts, builtAtOnce);
    if (slice === undefined) return [];
    const [schedule, trace] = await overRedis(() => this.#redis.hmget(keys.batch(id), 'schedule', 'trace'));
    const now = Date.now();
    const jobs = slice.map((text) => {
      const { request, retryOf } = batchItemSchema.parse(JSON.parse(text));
      return newJob(request, { batch: id, schedule: schedule ?? undefined, retryOf }, now);
    });
    const made = await runScript(
      this.#redis,
      buildJobs,
      [keys.batch(id)],
      [
        id,
        built,
        now,
        waitingEnds(this.#lifetimes, now),
        ...jobs.flatMap((job) => recordOf(job, this.#traceOf(job, trace))),
      ],
    );
    return made === 1 ? jobs : [];
  }

  /** Ten thousand jobs in one trace are more than anybody can show: each has its own, which names that of the batch. */
  #traceOf({ id, batch }: Job, ofBatch: string | null | undefined): string | undefined {
    const attributes = { 'dimgx.job.id': id, 'dimgx.batch.id': batch };
    const span = this.#tracing.begin('job of a batch', {
      kind: 'producer',
      link: ofBatch ?? undefined,
      attributes,
    });
    span.end();
    return span.traceparent;
  }

  /** Has a batch get no further jobs, and those that it has be cancelled. The state it was in; undefined for none. */
  async cancel(id: string): Promise<Batch['state'] | undefined> {
    const now = Date.now();
    const recordGoes = now + this.#lifetimes.recordDays * dayMilliseconds;
    const args = [id, now, rfc3339(now), recordGoes];
    const state = await runScript(this.#redis, cancelBatch, [keys.batch(id)], args);
    return (state as Batch['state'] | null) ?? undefined;
  }

  /** Forgets batches whose time is over, some at a time. */
  async sweep(): Promise<void> {
    await runScript(this.#redis, sweepBatches, [keys.expiring], [Date.now(), sweptAtOnce]);
  }
}

export async function findBatch(redis: Redis, id: string): Promise<Batch | undefined> {
  return batchOf(await overRedis(() => redis.hgetall(keys.batch(id))));
}

export function newBatch(total: number, more: Partial<Batch>): Batch {
  const now = Date.now();
  const counts = { queued: total, active: 0, completed: 0, failed: 0, cancelled: 0 };
  const begun = { state: 'running', createdAt: rfc3339(now) } as const;
  return { id: newJobId(now), total, duplicates: 0, counts, ...begun, ...more };
}

export function noBatch(id: string): never {
  throw new DimgxError('BATCH_NOT_FOUND', `there is no batch ${id}, or not any more`);
}

function recordOf(job: Job, trace: string | undefined): string[] {
  return [job.id, JSON.stringify(indexesOf(job)), JSON.stringify(newFields(job, { trace }))];
}
