import { DimgxError, type Progress } from '@dimgx/core';
import { type Ending, endingScript } from './ending.ts';
import type { WorkerOutage } from './fleet/worker-view.ts';
import { type Idempotency, idempotencyMismatch, idempotencyScript } from './idempotency.ts';
import { newJobId } from './job-id.ts';
import { indexesOf, type JobOrigin } from './job-indexes.ts';
import type { AttemptLine } from './job-journal.ts';
import { artifactGoes, type JobLifetimes, waitingEnds } from './job-lifetimes.ts';
import {
  fromFields,
  type Job,
  type JobError,
  type JobRecord,
  type JobState,
  noProgress,
  toFields,
} from './job-record.ts';
import type { JobRequest } from './job-request.ts';
import { keys } from './key-space.ts';
import { logText } from './log-text.ts';
import type { JobUpload } from './lost-uploads.ts';
import { attemptStanding } from './lua/attempt-standing.ts';
import { beginUpload } from './lua/begin-upload.ts';
import { cancelJob } from './lua/cancel-job.ts';
import { createJob } from './lua/create-job.ts';
import { endAttempt } from './lua/end-attempt.ts';
import { findSuspects } from './lua/find-suspects.ts';
import { noteLine } from './lua/note-line.ts';
import { fieldsOf, type RedisScript, runScript } from './lua/redis-script.ts';
import { reportProgress } from './lua/report-progress.ts';
import { requeueAttempt } from './lua/requeue-attempt.ts';
import { settleJob } from './lua/settle-job.ts';
import { startAttempt } from './lua/start-attempt.ts';
import { type PhaseTimes, tallyOf } from './metrics/tally.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';
import { rfc3339 } from './rfc3339.ts';

/** The try that follows a fault that may pass. Attempts that were cut off by no fault of the job's are no tries. */
export interface NextTry {
  readonly number: number;
  /** How many there are at the most. */
  readonly of: number;
  /** After which it is due, at the latest. */
  readonly withinMs: number;
}

/** How an attempt ended for the job's record. */
export type AttemptEnd =
  | Exclude<Ending, { state: 'cancelled' }>
  /** Back to the queue with the error of the attempt, and what follows, where that is known. */
  | { readonly state: 'queued'; readonly error: JobError; readonly next?: NextTry }
  /** Back to the queue with the error, of a part that is away: that cost no try. */
  | { readonly state: 'queued'; readonly error: JobError; readonly outage: WorkerOutage['part'] }
  /** Back to the queue, by no fault of the job's. */
  | { readonly state: 'queued'; readonly handedOn: 'INTERRUPTED' | 'WORKER_LOST' };

/** How an attempt stands to its job. `lost`: another attempt has it, or it has ended otherwise. */
export type Standing = 'held' | 'cancelled' | 'lost';

/** What makes a new job more than its request. */
export interface Submission {
  readonly idempotency?: Idempotency | undefined;
  readonly origin?: JobOrigin;
  /** Whose share of the workers it takes; nobody's in particular unless given. */
  readonly owner?: string | undefined;
  /** The `traceparent` of what makes it, which its attempts and its callback continue. */
  readonly trace?: string | undefined;
}

/** As many as a script may look at, so that Redis is never held up for long. */
const pageSize = 200;

/** A job as it is before any of its attempts; not recorded yet. */
export function newJob(request: JobRequest, origin: JobOrigin = {}, now: number = Date.now()): Job {
  const progress = noProgress;
  const begun = { state: 'queued', attempts: 0, createdAt: rfc3339(now) } as const;
  return { id: newJobId(now), kind: request.kind, request, progress, ...begun, ...origin };
}

/**
 * What a job's record begins with, its state excepted, and `more` of it. What the scripts need of the request stands there again: they
 * don't read the request itself, which may be long, and nested deeper than Redis can decode.
 */
export function newFields(job: Job, more: Pick<Submission, 'owner' | 'trace'> = {}): string[] {
  const { pool, priority, callback } = job.request;
  const told = { pool, priority, callback: callback?.url, ...more };
  return [...toFields({ ...job, state: undefined }), ...toFields(told)].flat();
}

/**
 * The records of all jobs: ours, apart from BullMQ's, which knows only jobs that are waiting or being worked on. Each
 * change is one script, so a record and its indexes never differ.
 *
 * Throws `REDIS_UNREACHABLE`.
 */
export class JobRecords {
  readonly #redis: Redis;
  readonly #lifetimes: JobLifetimes;

  constructor(redis: Redis, lifetimes: JobLifetimes) {
    this.#redis = redis;
    this.#lifetimes = lifetimes;
  }

  /** Records a job as queued, or finds the one of the same idempotency key. Throws `IDEMPOTENCY_MISMATCH`. */
  async create(
    request: JobRequest,
    { idempotency, origin, owner, trace }: Submission = {},
  ): Promise<{ job: Job; isNew: boolean }> {
    const now = Date.now();
    const job = newJob(request, origin, now);
    const { id } = job;
    const { key, args } = idempotencyScript(idempotency);
    const [outcome, found] = (await runScript(
      this.#redis,
      createJob,
      [keys.job(id), ...key],
      [
        ...[id, ...args, waitingEnds(this.#lifetimes, now), JSON.stringify(indexesOf(job))],
        ...newFields(job, { owner, trace }),
      ],
    )) as ['created' | 'known' | 'mismatch', string];
    if (outcome === 'mismatch') throw idempotencyMismatch(found);
    if (outcome === 'created') return { job, isNew: true };
    const record = await this.find(found);
    if (record === undefined)
      throw new DimgxError('JOB_NOT_FOUND', `job ${found} has just expired; submit it again`);
    return { job: record.job, isNew: false };
  }

  /** Undefined if there is no such job, or its time is over. */
  async find(id: string): Promise<JobRecord | undefined> {
    const fields = await overRedis(() => this.#redis.hgetall(keys.job(id)));
    if (fields.id === undefined) return undefined;
    const record = fromFields(fields);
    const { expiresAt } = record.job;
    return expiresAt !== undefined && Date.parse(expiresAt) <= Date.now() ? undefined : record;
  }

  /** Begins an attempt; `attempt` names it from now on. Undefined if the job has ended or is not known. */
  async start(id: string, attempt: string, worker: string): Promise<JobRecord | undefined> {
    const begun = [attempt, worker, rfc3339(Date.now()), JSON.stringify(noProgress)];
    const flat = (await this.#run(startAttempt, id, begun)) as string[];
    if (flat.length === 0) return undefined;
    return fromFields(fieldsOf(flat));
  }

  /** Nothing is changed unless the attempt holds the job. */
  async report(id: string, attempt: string, progress: Progress): Promise<Standing> {
    return (await this.#run(reportProgress, id, [attempt, JSON.stringify(progress)])) as Standing;
  }

  /** Adds a line to the job's log, if the attempt still holds the job. */
  async note(id: string, attempt: string, { level, phase, message }: AttemptLine): Promise<void> {
    await this.#run(noteLine, id, [attempt, level, phase ?? '', logText(message)]);
  }

  /** To be called before the upload has bytes: so whoever finds the attempt's job lost can discard it. */
  async beginUpload(id: string, attempt: string, { key, ticket }: JobUpload): Promise<Standing> {
    return (await this.#run(beginUpload, id, [
      attempt,
      JSON.stringify({ job: id, key, ticket }),
    ])) as Standing;
  }

  async standing(id: string, attempt: string): Promise<Standing> {
    return (await this.#run(attemptStanding, id, [attempt])) as Standing;
  }

  /** False, and nothing is changed or counted, if the attempt does not hold the job any more. */
  async end(id: string, attempt: string, end: AttemptEnd, spent: PhaseTimes = {}): Promise<boolean> {
    const now = Date.now();
    if (end.state === 'queued') {
      const [error, why] = 'error' in end ? [JSON.stringify(end.error), end.error.code] : ['', end.handedOn];
      const next = 'error' in end ? whatFollows(end) : '';
      const args = [attempt, waitingEnds(this.#lifetimes, now), error, why, tallyOf(spent), next];
      return (await this.#run(requeueAttempt, id, args)) === 1;
    }
    const result = end.state === 'completed' ? end.result : undefined;
    const key = result !== undefined && 'artifact' in result ? result.artifact.key : '';
    const ending = endingScript(end, this.#lifetimes, now);
    const args = [attempt, ending, key, artifactGoes(this.#lifetimes, now), tallyOf(spent, result)];
    return (await this.#run(endAttempt, id, args)) === 1;
  }

  /** Ends a job that has not ended. The state that it was in until now; undefined if there is no such job. */
  async cancel(id: string): Promise<JobState | undefined> {
    const ending = endingScript({ state: 'cancelled' }, this.#lifetimes, Date.now());
    return ((await this.#run(cancelJob, id, [ending])) as JobState | null) ?? undefined;
  }

  /** Ids of jobs in `state` that may need mending, oldest first, in pages. */
  async *suspectsIn(state: 'queued' | 'active'): AsyncGenerator<string[]> {
    for (let after = ''; ; ) {
      const args = [state, after, pageSize];
      const found = await runScript(this.#redis, findSuspects, [keys.jobsIn(state)], args);
      const [next = '', ...ids] = found as string[];
      yield ids;
      if (next === '') return;
      after = next;
    }
  }

  /** Brings the indexes in line with a job's record; if that is gone, `index` too, where the id was found. */
  async settle(id: string, index: string = keys.jobs): Promise<void> {
    await this.#run(settleJob, id, [index]);
  }

  #run(script: RedisScript, id: string, args: readonly (string | number)[]): Promise<unknown> {
    return runScript(this.#redis, script, [keys.job(id)], [id, ...args]);
  }
}

function whatFollows(end: { readonly next?: NextTry } | { readonly outage: string }): string {
  if ('outage' in end)
    return `; its worker takes no jobs until the ${end.outage} is back, and this was no try`;
  const { next } = end;
  if (next === undefined) return '';
  return `; try ${next.number} of ${next.of} is due within ${Math.ceil(next.withinMs / 1000)} s`;
}
