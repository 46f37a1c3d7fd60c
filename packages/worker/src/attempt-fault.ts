import type { DimgxError } from '@dimgx/core';
import { type AttemptEnd, jobErrorOf, type QueuedData } from '@dimgx/queue';
import { DelayedError, type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';

export interface FaultyAttempt {
  readonly queued: QueuedAttempt;
  readonly token: string;
  readonly log: Logger;
  end(how: AttemptEnd): Promise<boolean>;
}

/** Of BullMQ's job, what counts here. */
export type QueuedAttempt = Pick<QueuedJob<QueuedData>, 'data' | 'attemptsMade' | 'moveToDelayed'> & {
  readonly opts: { readonly attempts?: number };
};

/** Records the fault of an attempt; gives what BullMQ must be thrown, if it is to know. */
export async function afterFault(
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
    await end({ state: 'queued', handedOn: 'INTERRUPTED' });
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
