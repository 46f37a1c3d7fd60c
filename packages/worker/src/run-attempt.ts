import { randomUUID } from 'node:crypto';
import { type DimgxError, type Progress, type ProgressListener, toDimgxError } from '@dimgx/core';
import {
  type AttemptEnd,
  type Job,
  type JobRecords,
  type JobResult,
  jobErrorOf,
  type QueuedData,
} from '@dimgx/queue';
import { DelayedError, type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { AttemptLimits } from './attempt-limits.ts';
import { type AttemptWatch, lossOf } from './attempt-watch.ts';
import { ProgressReporter } from './progress-reporter.ts';

/** One attempt at a job, as the work sees it. */
export interface Attempt {
  /** Aborted with the reason as a `DimgxError`: time is up, the worker stops, the job is cancelled, or another one has it. */
  readonly signal: AbortSignal;
  readonly log: Logger;
  /** Never throws, never waits. */
  readonly report: ProgressListener;
  /** To be asked before something is made final. Throws `WORKER_LOST` or `CANCELLED` if the job is not its own any more. */
  confirm(): Promise<void>;
}

export interface AttemptContext {
  readonly records: Pick<JobRecords, 'start' | 'report' | 'end'>;
  readonly watch: Pick<AttemptWatch, 'watch'>;
  /** The worker's name. */
  readonly name: string;
  /** For jobs that don't say it themselves. */
  readonly timeoutSeconds: number;
  /** Aborted with an `INTERRUPTED` when the worker can't wait for its jobs any longer. */
  readonly shutdown: AbortSignal;
  readonly log: Logger;
  work(job: Job, attempt: Attempt): Promise<JobResult>;
}

/** Of BullMQ's job, what counts here. */
export type QueuedAttempt = Pick<QueuedJob<QueuedData>, 'data' | 'attemptsMade' | 'moveToDelayed'> & {
  readonly opts: { readonly attempts?: number };
};

const queuedDataSchema = z.object({ id: z.string() });
const progressInterval = 500;

/**
 * Has the job worked on and its record told how that ended. The record first, BullMQ after it: what is thrown here
 * tells BullMQ whether to try again, and should that not reach it, the next attempt finds the record as it is.
 */
export async function runAttempt(
  queued: QueuedAttempt,
  token: string,
  lockLost: AbortSignal,
  context: AttemptContext,
): Promise<void> {
  const { id } = queuedDataSchema.parse(queued.data);
  const log = context.log.child({ job: id });
  const attempt = randomUUID();
  const job = await context.records.start(id, attempt, context.name);
  if (job === undefined) return log.info('finished already, or its record is gone: nothing to do');
  log.info({ kind: job.kind, image: job.request.image, attempt: job.attempts }, 'begun');

  const begun = performance.now();
  const end = (how: AttemptEnd) => context.records.end(id, attempt, how);
  const limits = new AttemptLimits(job.request.timeoutSeconds ?? context.timeoutSeconds, lockLost);
  const signal = AbortSignal.any([limits.signal, context.shutdown]);
  const recordProgress = (progress: Progress) => context.records.report(id, attempt, progress);
  const reporter = new ProgressReporter(async (progress) => {
    const standing = await recordProgress(progress).catch((error: unknown) => {
      log.warn({ err: error }, 'progress could not be written');
      return 'held' as const;
    });
    if (standing !== 'held') limits.end(lossOf(id, standing));
  }, progressInterval);
  const confirm = async () => {
    const standing = await recordProgress(reporter.latest);
    if (standing !== 'held') throw lossOf(id, standing);
  };
  const unwatch = context.watch.watch(id, attempt, (reason) => limits.end(reason));

  try {
    const result = await context.work(job, { signal, log, report: loggedReport(reporter, log), confirm });
    await reporter.close();
    const isOurs = await end({ state: 'completed', result, progress: reporter.latest });
    const milliseconds = Math.round(performance.now() - begun);
    log.info({ milliseconds }, isOurs ? 'completed' : 'completed, but the job was not ours any more');
  } catch (thrown) {
    await reporter.close();
    const fault = toDimgxError(signal.aborted ? signal.reason : thrown);
    const told = await afterFault(fault, { queued, token, end, log });
    if (told !== undefined) throw told;
  } finally {
    unwatch();
    limits.release();
  }
}

function loggedReport(reporter: ProgressReporter, log: Logger): ProgressListener {
  return (progress) => {
    const before = reporter.latest.phase;
    reporter.report(progress);
    if (reporter.latest.phase !== before) log.info({ phase: progress.phase }, 'phase');
  };
}

interface FaultyAttempt {
  readonly queued: QueuedAttempt;
  readonly token: string;
  readonly log: Logger;
  end(how: AttemptEnd): Promise<boolean>;
}

/** Records the fault; gives what BullMQ must be thrown, if it is to know. */
async function afterFault(
  fault: DimgxError,
  { queued, token, end, log }: FaultyAttempt,
): Promise<Error | undefined> {
  const error = jobErrorOf(fault);
  // The record says so already.
  if (fault.code === 'CANCELLED') {
    log.info('cancelled');
    return undefined;
  }
  // The record and the queue are the other attempt's by now.
  if (fault.code === 'WORKER_LOST') {
    log.warn({ err: fault }, 'given up: another worker has the job');
    return fault;
  }
  if (fault.code === 'INTERRUPTED') {
    log.info('handed on');
    await end({ state: 'queued' });
    // Costs no attempt, and wakes an idle worker at once.
    await queued.moveToDelayed(Date.now(), token);
    return new DelayedError();
  }
  const isLast = queued.attemptsMade + 1 >= (queued.opts.attempts ?? 1);
  if (fault.retryable && !isLast) {
    log.warn({ err: fault, code: fault.code }, 'failed, to be tried again');
    await end({ state: 'queued', error });
    return fault;
  }
  log.error({ err: fault, code: fault.code }, 'failed');
  await end({ state: 'failed', error });
  return new UnrecoverableError(error.message);
}
