import { DimgxError, parseReference, toDimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import { readBatch } from '../batches/batch-input.ts';
import type { Batches, BatchSubmission } from '../batches/batches.ts';
import { idempotencyOf } from '../idempotency.ts';
import type { JobQueue } from '../job-queue.ts';
import { isFinal } from '../job-record.ts';
import type { RedisSettings } from '../redis-address.ts';
import { connectRedis } from '../redis-connection.ts';
import type { Redis } from '../redis-options.ts';
import { repeat } from '../repeated.ts';
import { rfc3339 } from '../rfc3339.ts';
import { noTracing, type Tracing } from '../tracing/tracing.ts';
import type { KeptSchedule, Schedule, ScheduleRequest, ScheduleRun } from './schedule.ts';
import { nextTimes } from './schedule-clock.ts';
import {
  type ClaimedSchedule,
  noSchedule,
  type ScheduleRecord,
  ScheduleRecords,
} from './schedule-records.ts';

export interface ScheduleSettings {
  readonly redis: RedisSettings;
  readonly queue: Pick<JobQueue, 'submit' | 'find'>;
  readonly batches: Pick<Batches, 'submit' | 'find'>;
  /** Milliseconds between two looks at what is due. */
  readonly interval?: number;
  readonly tracing?: Tracing | undefined;
  readonly log: Logger;
}

type Made = Pick<ScheduleRun, 'job' | 'batch' | 'skipped'>;
type Submission = Pick<BatchSubmission, 'idempotency' | 'trace'>;

const defaultInterval = 500;
const timesShown = 5;

/** Jobs and batches by the clock. Throws `REDIS_UNREACHABLE`. */
export class Schedules {
  readonly #records: ScheduleRecords;
  readonly #settings: ScheduleSettings;
  readonly #close: () => Promise<void>;

  /** Makes what is due from now on. Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes it. */
  static async start(settings: ScheduleSettings): Promise<Schedules> {
    const { log } = settings;
    const redis = await connectRedis(settings.redis, 'producer', (err) =>
      log.warn({ err }, 'redis connection'),
    );
    return new Schedules(redis, settings);
  }

  private constructor(redis: Redis, settings: ScheduleSettings) {
    const { interval = defaultInterval, log } = settings;
    this.#records = new ScheduleRecords(redis);
    this.#settings = settings;
    const onFault = (error: unknown) => log.warn({ err: error }, 'no schedules for now');
    const running = repeat(interval, () => this.#runDue(), onFault);
    this.#close = async () => {
      await running.end();
      redis.disconnect();
    };
  }

  /** Makes a schedule, or takes the place of the one that is there. Throws `LIMIT_EXCEEDED`. */
  async put(id: string, request: ScheduleRequest): Promise<{ schedule: Schedule; isNew: boolean }> {
    const { isNew } = await this.#records.put(id, request);
    return { schedule: shown((await this.#records.find(id)) ?? noSchedule(id)), isNew };
  }

  /** With its last runs, newest first. Throws `SCHEDULE_NOT_FOUND`. */
  async find(id: string): Promise<{ schedule: Schedule; runs: ScheduleRun[] }> {
    const [record, runs] = await Promise.all([this.#records.find(id), this.#records.runs(id)]);
    return record === undefined ? noSchedule(id) : { schedule: shown(record), runs };
  }

  /** Oldest first. */
  async list(): Promise<Schedule[]> {
    return (await this.#records.list()).map(shown);
  }

  /** What it has made stays. Throws `SCHEDULE_NOT_FOUND`. */
  forget(id: string): Promise<void> {
    return this.#records.forget(id);
  }

  /** Throws `SCHEDULE_NOT_FOUND`. */
  async pause(id: string, paused: boolean): Promise<Schedule> {
    await this.#records.pause(id, paused);
    return (await this.find(id)).schedule;
  }

  /**
   * Runs it now, beside its times, also while it is paused; skipped as at any other time. With an idempotency key that is
   * known, gives the run that it made. Throws `SCHEDULE_NOT_FOUND` and `IDEMPOTENCY_MISMATCH`.
   */
  async run(id: string, submission: Submission = {}): Promise<ScheduleRun> {
    const { idempotency } = submission;
    // Read before the key is looked up: a run of the same key that ends in between must not count as one before.
    const record = (await this.#records.find(id)) ?? noSchedule(id);
    const before = idempotency === undefined ? undefined : await this.#records.runFor(idempotency);
    if (before !== undefined) return before;
    const made = await this.#make(record, submission);
    return this.#records.note(id, { at: rfc3339(Date.now()), by: 'hand', ...made }, idempotency);
  }

  close(): Promise<void> {
    return this.#close();
  }

  async #runDue(): Promise<void> {
    for (;;) {
      const claimed = await this.#records.claim();
      if (claimed === undefined) return;
      const record = await this.#records.find(claimed.id);
      if (record !== undefined) await this.#runClaimed(claimed, record);
    }
  }

  async #runClaimed(claimed: ClaimedSchedule, record: ScheduleRecord): Promise<void> {
    const { id, due } = claimed;
    // Should this process die before the run is settled, the next one gets the same job.
    const made = await this.#make(record, {
      idempotency: idempotencyOf(`schedule ${id}`, String(due), record.schedule),
    });
    this.#settings.log.info({ schedule: id, ...made }, 'schedule run');
    await this.#records.settle(claimed, record.schedule, { at: rfc3339(due), by: 'clock', ...made });
  }

  /** `trace` is that of who runs it by hand. */
  async #make({ schedule, last }: ScheduleRecord, { idempotency, trace }: Submission): Promise<Made> {
    const { tracing = noTracing, log } = this.#settings;
    const attributes = { 'dimgx.schedule.id': schedule.id };
    const span = tracing.begin('run of a schedule', { kind: 'producer', parent: trace, attributes });
    try {
      if (schedule.overlap === 'skip' && last !== undefined && !(await this.#hasEnded(last))) {
        return { skipped: `the run of ${last.at} has not ended` };
      }
      return await this.#submit(schedule, { idempotency, trace: span.traceparent });
    } catch (thrown) {
      const fault = toDimgxError(thrown);
      if (fault.code === 'REDIS_UNREACHABLE') throw fault;
      log.warn({ schedule: schedule.id, err: fault }, 'nothing made by a schedule');
      const isOurs = fault.code === 'INTERNAL';
      return { skipped: isOurs ? 'a fault of the service; its log has the details' : fault.message };
    } finally {
      span.end();
    }
  }

  async #submit({ id, job, batch }: KeptSchedule, submission: Submission): Promise<Made> {
    const { queue, batches } = this.#settings;
    if (job !== undefined) {
      return { job: (await queue.submit(job, { ...submission, origin: { schedule: id } })).id };
    }
    const read = await readBatch(batch, async (image) => parseReference(image));
    if (!('requests' in read))
      throw new DimgxError('REQUEST_INVALID', read[0]?.detail ?? 'the batch is invalid');
    const items = read.requests.map((request) => ({ request }));
    const { duplicates, callback } = read;
    const made = await batches.submit(items, { duplicates, callback, schedule: id, ...submission });
    return { batch: made.batch.id };
  }

  /** What is not known any more has ended. */
  async #hasEnded({ job, batch }: ScheduleRun): Promise<boolean> {
    const { queue, batches } = this.#settings;
    try {
      if (job !== undefined) return isFinal((await queue.find(job)).state);
      return batch === undefined || (await batches.find(batch)).finishedAt !== undefined;
    } catch (thrown) {
      const { code } = toDimgxError(thrown);
      if (code === 'JOB_NOT_FOUND' || code === 'BATCH_NOT_FOUND') return true;
      throw thrown;
    }
  }
}

function shown({ schedule, paused }: ScheduleRecord): Schedule {
  const count = paused ? 0 : timesShown;
  const next = nextTimes(schedule, Date.now(), count, Date.parse(schedule.updatedAt));
  return { ...schedule, paused, next: next.map(rfc3339) };
}
