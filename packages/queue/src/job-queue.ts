import { DimgxError } from '@dimgx/core';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Idempotency } from './idempotency.ts';
import type { Job } from './job-record.ts';
import { JobRecords } from './job-records.ts';
import type { JobRequest } from './job-request.ts';
import { keys } from './key-space.ts';
import { mendJob } from './mending.ts';
import { defaultRetryPolicy, PoolQueues, type RetryPolicy } from './pool-queues.ts';
import { redisWarnings } from './redis-checks.ts';
import { connectRedis } from './redis-connection.ts';
import { overRedis } from './redis-fault.ts';

export interface JobQueueSettings {
  readonly redisUrl: string;
  readonly retry?: RetryPolicy;
  /** How long the records of finished jobs are kept; `defaultRecordDays` unless given. */
  readonly recordDays?: number;
  readonly log: Logger;
}

export const defaultRecordDays = 7;

/**
 * Where jobs are submitted and looked up. It answers within a second, whatever Redis does: its methods throw
 * `REDIS_UNREACHABLE` while Redis is away, and work again once it is back.
 */
export class JobQueue {
  readonly #redis: Redis;
  readonly #records: JobRecords;
  readonly #queues: PoolQueues;
  readonly #log: Logger;

  /** Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes the queue. */
  static async connect(settings: JobQueueSettings): Promise<JobQueue> {
    const { redisUrl, log } = settings;
    const redis = await connectRedis(redisUrl, 'producer', (error) =>
      log.warn({ err: error }, 'redis connection'),
    );
    for (const warning of await redisWarnings(redis)) log.warn(warning);
    return new JobQueue(redis, settings);
  }

  private constructor(redis: Redis, settings: JobQueueSettings) {
    const { retry = defaultRetryPolicy, recordDays = defaultRecordDays, log } = settings;
    this.#redis = redis;
    this.#records = new JobRecords(redis, recordDays);
    this.#queues = new PoolQueues(redis, retry);
    this.#log = log;
  }

  /**
   * Records a job and queues it; with an idempotency key that is known, gives the job it made. Once it is recorded
   * it is accepted: should the queue not take it now, `mend` sees to it. Throws `IDEMPOTENCY_MISMATCH`.
   */
  async submit(request: JobRequest, idempotency?: Idempotency): Promise<Job> {
    const { job, isNew } = await this.#records.create(request, idempotency);
    if (isNew) {
      await this.#queues.add(job).catch((error: unknown) => {
        this.#log.warn({ job: job.id, err: error }, 'recorded but not queued yet');
      });
    }
    return job;
  }

  /** Throws `JOB_NOT_FOUND`. */
  async find(id: string): Promise<Job> {
    const record = await this.#records.find(id);
    if (record === undefined) throw new DimgxError('JOB_NOT_FOUND', `there is no job ${id}, or not any more`);
    return record.job;
  }

  /** Throws `REDIS_UNREACHABLE` unless Redis answers. */
  async ping(): Promise<void> {
    await overRedis(() => this.#redis.ping());
  }

  /** Brings the records of all unfinished jobs and the queues together, and lets go of expired ones. */
  async mend(): Promise<void> {
    for (const state of ['queued', 'active'] as const) {
      for await (const page of this.#records.idsIn(state)) {
        await Promise.all(page.map((id) => this.#mendOne(id)));
      }
    }
    await this.#records.sweep();
  }

  /** Has one process of all that share this Redis mend every `interval` milliseconds. Returns what ends it. */
  keepMended(interval: number): () => Promise<void> {
    let round = Promise.resolve();
    const timer = setInterval(() => {
      round = this.#mendInTurn(interval).catch((error: unknown) => {
        this.#log.warn({ err: error }, 'jobs were not mended this time');
      });
    }, interval);
    return () => {
      clearInterval(timer);
      return round;
    };
  }

  async close(): Promise<void> {
    await this.#queues.close();
    this.#redis.disconnect();
  }

  async #mendInTurn(interval: number): Promise<void> {
    // Never given back: it ends a little before the time for the next turn.
    const turn = await overRedis(() => {
      return this.#redis.set(keys.mending, process.pid, 'PX', Math.ceil(interval * 0.9), 'NX');
    });
    if (turn !== null) await this.mend();
  }

  async #mendOne(id: string): Promise<void> {
    try {
      const mend = await mendJob(id, this.#records, this.#queues);
      if (mend !== undefined) this.#log.warn({ job: id, mend }, 'mended');
    } catch (error) {
      if (error instanceof DimgxError && error.code === 'REDIS_UNREACHABLE') throw error;
      this.#log.error({ job: id, err: error }, 'can not be mended');
    }
  }
}
