import { DimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import { ArtifactLifetimes } from './artifact-lifetimes.ts';
import { JobJournal, type LogLine, logLineOf } from './job-journal.ts';
import { defaultLifetimes, type JobLifetimes } from './job-lifetimes.ts';
import { type JobFilter, JobListing, type JobPage } from './job-listing.ts';
import { isFinal, type Job } from './job-record.ts';
import { JobRecords, type Submission } from './job-records.ts';
import type { JobRequest } from './job-request.ts';
import { sweepJobs } from './job-sweep.ts';
import { JobWatch, type JobWatchSettings } from './job-watch.ts';
import { keys } from './key-space.ts';
import { type DiscardUpload, sweepUploads } from './lost-uploads.ts';
import { mendJob } from './mending.ts';
import { defaultRetryPolicy, PoolQueues, type RetryPolicy } from './pool-queues.ts';
import type { RedisSettings } from './redis-address.ts';
import { askRedis, redisWarnings } from './redis-checks.ts';
import { connectRedis } from './redis-connection.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';
import { Subscriptions } from './subscriptions.ts';
import { takeTurns } from './turn.ts';

export interface JobQueueSettings {
  readonly redis: RedisSettings;
  readonly retry?: RetryPolicy | undefined;
  readonly lifetimes?: JobLifetimes | undefined;
  readonly watch?: WatchIntervals | undefined;
  readonly log: Logger;
}

type WatchIntervals = Pick<JobWatchSettings, 'lookInterval' | 'heartbeatInterval'>;

const defaultWatchIntervals: WatchIntervals = { lookInterval: 2000, heartbeatInterval: 15_000 };
const dequeuedAtOnce = 1000;
const artifactsAtOnce = 100;

/** What becomes of the store by the clock. */
export interface StoreUpkeep {
  /** Removes an artifact by its key in the store. */
  readonly removeArtifact: (key: string) => Promise<void>;
  readonly discardUpload: DiscardUpload;
}

/** What came of the wish to cancel a job. */
export interface Cancellation {
  readonly job: Job;
  /** False if it was cancelled before. */
  readonly isNew: boolean;
}

/** Milliseconds between two rounds of what one process does for all. */
export interface UpkeepIntervals {
  /** Of failing what has waited too long and forgetting what is too old. */
  readonly sweep: number;
  /** Of mending what crashed processes left. */
  readonly mend: number;
}

/**
 * Where jobs are submitted and looked up. It answers within a second, whatever Redis does: its methods throw
 * `REDIS_UNREACHABLE` while Redis is away, and work again once it is back.
 */
export class JobQueue {
  readonly #redis: Redis;
  readonly #subscriptions: Subscriptions;
  readonly #watchIntervals: WatchIntervals;
  readonly #records: JobRecords;
  readonly #journal: JobJournal;
  readonly #listing: JobListing;
  readonly #queues: PoolQueues;
  readonly #lifetimes: JobLifetimes;
  readonly #log: Logger;

  /** Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes the queue. */
  static async connect(settings: JobQueueSettings): Promise<JobQueue> {
    const { log } = settings;
    const redis = await connectRedis(settings.redis, 'producer', (error) =>
      log.warn({ err: error }, 'redis connection'),
    );
    try {
      for (const warning of await redisWarnings(redis)) log.warn(warning);
      return new JobQueue(redis, await Subscriptions.connect(settings.redis, log), settings);
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  private constructor(redis: Redis, subscriptions: Subscriptions, settings: JobQueueSettings) {
    const { retry = defaultRetryPolicy, lifetimes = defaultLifetimes, log } = settings;
    this.#redis = redis;
    this.#subscriptions = subscriptions;
    this.#watchIntervals = settings.watch ?? defaultWatchIntervals;
    this.#lifetimes = lifetimes;
    this.#records = new JobRecords(redis, lifetimes);
    this.#journal = new JobJournal(redis);
    this.#listing = new JobListing(redis, (id, index) => this.#records.settle(id, index));
    this.#queues = new PoolQueues(redis, retry);
    this.#log = log;
  }

  /**
   * Records a job and queues it; with an idempotency key that is known, gives the job it made. Once it is recorded
   * it is accepted: should the queue not take it now, `mend` sees to it. Throws `IDEMPOTENCY_MISMATCH`.
   */
  async submit(request: JobRequest, submission?: Submission): Promise<Job> {
    const { job, isNew } = await this.#records.create(request, submission);
    if (isNew) {
      await this.#queues.add(job).catch((error: unknown) => {
        this.#log.warn({ job: job.id, err: error }, 'recorded but not queued yet');
      });
    }
    return job;
  }

  /** Queues jobs that are recorded; should the queue not take them now, `mend` sees to it. */
  async enqueue(jobs: readonly Job[]): Promise<void> {
    await this.#queues.addAll(jobs).catch((error: unknown) => {
      this.#log.warn({ jobs: jobs.length, err: error }, 'recorded but not queued yet');
    });
  }

  /** Throws `JOB_NOT_FOUND`. */
  async find(id: string): Promise<Job> {
    const record = await this.#records.find(id);
    if (record === undefined) throw new DimgxError('JOB_NOT_FOUND', `there is no job ${id}, or not any more`);
    return record.job;
  }

  /**
   * Ends a job, waiting or being worked on, as cancelled. Its worker stops within two seconds and leaves nothing.
   * Harmless for one that is cancelled already. Throws `JOB_NOT_FOUND`, and `JOB_FINISHED` if it ended otherwise.
   */
  async cancel(id: string): Promise<Cancellation> {
    const before = await this.#records.cancel(id);
    const job = await this.find(id);
    if (before === 'completed' || before === 'failed') {
      throw new DimgxError('JOB_FINISHED', `job ${id} has ${before} already and can't be cancelled`);
    }
    if (before === 'cancelled') return { job, isNew: false };
    await this.#dequeue(id, job).catch((error: unknown) => {
      this.#log.warn({ job: id, err: error }, 'cancelled but not taken out of the queue yet');
    });
    return { job, isNew: true };
  }

  /** A new job that does the same again. Throws `JOB_NOT_FOUND`, and `JOB_NOT_FINISHED` for one that has not ended. */
  async retry(id: string, more: Omit<Submission, 'origin'> = {}): Promise<Job> {
    const { state, request } = await this.find(id);
    if (!isFinal(state)) {
      throw new DimgxError('JOB_NOT_FINISHED', `job ${id} is ${state}: wait for its end, or cancel it first`);
    }
    return this.submit(request, { ...more, origin: { retryOf: id } });
  }

  /** At most `limit` jobs, newest first, beginning before the job `before`. */
  list(filter: JobFilter, limit: number, before?: string): Promise<JobPage> {
    return this.#listing.page(filter, limit, before);
  }

  /**
   * At most `limit` lines of a job's log after the one named `after`, oldest first. Throws `JOB_NOT_FOUND`, and
   * `LOGS_EXPIRED` if the log has gone before the record.
   */
  async logs(id: string, limit: number, after?: string): Promise<LogLine[]> {
    const entries = await this.#journal.read(id, limit, after);
    const { state, finishedAt } = await this.find(id);
    if (entries.length === 0 && after === undefined) {
      throw new DimgxError('LOGS_EXPIRED', `job ${id} is ${state} since ${finishedAt}, and its log is gone`);
    }
    return entries.map(logLineOf);
  }

  /** What happens to a job from now on, for a reader who knows its state named `after`; see `JobWatch.begin`. */
  watch(id: string, after: string | undefined, signal: AbortSignal): ReturnType<JobWatch['begin']> {
    const parts = { records: this.#records, journal: this.#journal, subscriptions: this.#subscriptions };
    return new JobWatch(id, after, { ...parts, ...this.#watchIntervals }).begin(signal);
  }

  /** Throws `REDIS_UNREACHABLE` unless Redis answers. */
  async ping(): Promise<void> {
    await askRedis(this.#redis);
  }

  /** Brings the records of all unfinished jobs, their indexes and the queues together. */
  async mend(): Promise<void> {
    for (const state of ['queued', 'active'] as const) {
      for await (const suspects of this.#records.suspectsIn(state)) {
        await Promise.all(suspects.map((id) => this.#mendOne(id)));
      }
    }
  }

  /** Fails jobs that have waited too long, forgets old ones, and takes those that ended in the queue out of it. */
  async sweep(): Promise<void> {
    await sweepJobs(this.#redis, this.#lifetimes);
    const ended = await overRedis(() => this.#redis.srandmember(keys.dequeuing, dequeuedAtOnce));
    for (const id of ended) await this.#dequeue(id, (await this.#records.find(id))?.job);
  }

  /** Has artifacts removed from the store whose time is over. */
  async sweepArtifacts(remove: StoreUpkeep['removeArtifact']): Promise<void> {
    const artifacts = new ArtifactLifetimes(this.#redis, this.#lifetimes);
    await artifacts.sweep(artifactsAtOnce, remove, (key, err) => {
      this.#log.warn({ artifact: key, err }, 'an old artifact can not be removed yet');
    });
  }

  /** Has uploads discarded whose attempts have lost their jobs; see `sweepUploads`. */
  async sweepUploads(discard: DiscardUpload): Promise<void> {
    await sweepUploads(this.#redis, discard, this.#log);
  }

  /** Has one process of all that share this Redis sweep and mend. Returns what ends it. */
  keepUp({ sweep, mend }: UpkeepIntervals, store?: StoreUpkeep): () => Promise<void> {
    const onFault = (error: unknown) => this.#log.warn({ err: error }, 'no upkeep this time');
    const duty = (name: string, interval: number, work: () => Promise<void>) =>
      takeTurns({ name, interval, work, redis: this.#redis, onFault });
    const ends = [duty('sweep', sweep, () => this.sweep()), duty('mend', mend, () => this.mend())];
    if (store !== undefined) {
      const { removeArtifact, discardUpload } = store;
      ends.push(duty('artifacts', sweep, () => this.sweepArtifacts(removeArtifact)));
      ends.push(duty('uploads', sweep, () => this.sweepUploads(discardUpload)));
    }
    return async () => void (await Promise.all(ends.map((end) => end())));
  }

  async close(): Promise<void> {
    await this.#queues.close();
    this.#subscriptions.close();
    this.#redis.disconnect();
  }

  async #dequeue(id: string, job: Job | undefined): Promise<void> {
    if (job !== undefined) await this.#queues.remove(job);
    await overRedis(() => this.#redis.srem(keys.dequeuing, id));
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
