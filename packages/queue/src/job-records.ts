import { DimgxError, type Progress } from '@dimgx/core';
import type { Redis } from 'ioredis';
import { type Idempotency, idempotencyHours } from './idempotency.ts';
import { newJobId } from './job-id.ts';
import {
  finalStates,
  fromFields,
  type Job,
  type JobError,
  type JobRecord,
  type JobResult,
  type JobState,
  toFields,
} from './job-record.ts';
import type { JobRequest } from './job-request.ts';
import { keys } from './key-space.ts';
import { createJob } from './lua/create-job.ts';
import { endAttempt } from './lua/end-attempt.ts';
import { runScript } from './lua/redis-script.ts';
import { reportProgress } from './lua/report-progress.ts';
import { startAttempt } from './lua/start-attempt.ts';
import { sweepExpired } from './lua/sweep-expired.ts';
import { overRedis } from './redis-fault.ts';

/** How an attempt ended for the job's record. */
export type AttemptEnd =
  | { readonly state: 'completed'; readonly result: JobResult; readonly progress: Progress }
  | { readonly state: 'failed'; readonly error: JobError }
  /** Back to the queue: with the error of the attempt, or handed on without one. */
  | { readonly state: 'queued'; readonly error?: JobError };

const hourMilliseconds = 60 * 60 * 1000;
const pageSize = 500;
const noProgress: Progress = { phase: 'resolve', bytes: 0, entries: 0 };

/**
 * The records of all jobs: ours, apart from BullMQ's, which knows only jobs that are waiting or being worked on. Each
 * change is one script, so a record and its indexes never differ.
 *
 * Throws `REDIS_UNREACHABLE`.
 */
export class JobRecords {
  readonly #redis: Redis;
  readonly #lifetime: number;

  /** `lifetimeDays`: how long the record of a finished job is kept. */
  constructor(redis: Redis, lifetimeDays: number) {
    this.#redis = redis;
    this.#lifetime = lifetimeDays * 24 * hourMilliseconds;
  }

  /** Records a job as queued, or finds the one of the same idempotency key. Throws `IDEMPOTENCY_MISMATCH`. */
  async create(request: JobRequest, idempotency?: Idempotency): Promise<{ job: Job; isNew: boolean }> {
    const now = Date.now();
    const id = newJobId(now);
    const { kind } = request;
    const createdAt = rfc3339(now);
    const job: Job = { id, kind, state: 'queued', request, progress: noProgress, attempts: 0, createdAt };
    const [outcome, found] = (await runScript(
      this.#redis,
      createJob,
      [
        keys.job(id),
        keys.jobs,
        keys.jobsIn('queued'),
        ...(idempotency === undefined ? [] : [keys.idempotency(idempotency.owner)]),
      ],
      [
        ...[id, now, idempotency?.fingerprint ?? '', idempotencyHours * hourMilliseconds, keys.job('')],
        ...toFields(job).flat(),
      ],
    )) as ['created' | 'known' | 'mismatch', string];
    if (outcome === 'mismatch') {
      throw new DimgxError(
        'IDEMPOTENCY_MISMATCH',
        `the Idempotency-Key was used for another request, job ${found}; use a new key`,
      );
    }
    if (outcome === 'created') return { job, isNew: true };
    const record = await this.find(found);
    if (record === undefined)
      throw new DimgxError('JOB_NOT_FOUND', `job ${found} has just expired; submit it again`);
    return { job: record.job, isNew: false };
  }

  async find(id: string): Promise<JobRecord | undefined> {
    const fields = await overRedis(() => this.#redis.hgetall(keys.job(id)));
    return fields.id === undefined ? undefined : fromFields(fields);
  }

  /** Begins an attempt; `attempt` names it from now on. Undefined if the job is finished or not known. */
  async start(id: string, attempt: string, worker: string): Promise<Job | undefined> {
    const flat = (await runScript(
      this.#redis,
      startAttempt,
      [keys.job(id), keys.jobsIn('queued'), keys.jobsIn('active')],
      [id, attempt, worker, rfc3339(Date.now()), JSON.stringify(noProgress)],
    )) as string[];
    if (flat.length === 0) return undefined;
    const fields = Object.fromEntries(
      Array.from({ length: flat.length / 2 }, (_, at) => flat.slice(2 * at, 2 * at + 2)),
    );
    return fromFields(fields).job;
  }

  /** False if the attempt does not hold the job any more. */
  async report(id: string, attempt: string, progress: Progress): Promise<boolean> {
    const args = [attempt, JSON.stringify(progress)];
    return (await runScript(this.#redis, reportProgress, [keys.job(id)], args)) === 1;
  }

  /** False, and nothing is changed, if the attempt does not hold the job any more. */
  async end(id: string, attempt: string, { state, ...outcome }: AttemptEnd): Promise<boolean> {
    const now = Date.now();
    const expiry = now + this.#lifetime;
    const isFinal = state !== 'queued';
    const times = isFinal && { finishedAt: rfc3339(now), expiresAt: rfc3339(expiry) };
    const ended = await runScript(
      this.#redis,
      endAttempt,
      [keys.job(id), keys.jobsIn('active'), keys.jobsIn(state), keys.expiring],
      [id, attempt, state, isFinal ? expiry : '', ...toFields({ ...outcome, ...times }).flat()],
    );
    return ended === 1;
  }

  /** Ids of jobs in `state`, oldest first, in pages. Some may be left out while the state's jobs change. */
  async *idsIn(state: JobState): AsyncGenerator<string[]> {
    for (let from = 0; ; from += pageSize) {
      const page = await overRedis(() =>
        this.#redis.zrange(keys.jobsIn(state), String(from), String(from + pageSize - 1)),
      );
      if (page.length === 0) return;
      yield page;
    }
  }

  /** Removes what is left of the jobs whose time is over. */
  async sweep(): Promise<void> {
    const indexes = [keys.expiring, keys.jobs, ...finalStates.map(keys.jobsIn)];
    let swept: unknown;
    do {
      swept = await runScript(this.#redis, sweepExpired, indexes, [Date.now(), keys.job(''), pageSize]);
    } while (swept === pageSize);
  }
}

function rfc3339(time: number): string {
  return new Date(time).toISOString();
}
