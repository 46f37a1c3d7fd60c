import type { DimgxError } from '@dimgx/core';
import { type AttemptEnd, jobErrorOf, type NextTry, type QueuedData } from '@dimgx/queue';
import { DelayedError, type Job as QueuedJob, UnrecoverableError } from 'bullmq';
import type { Logger } from 'pino';
import type { Outages } from './outages.ts';

export interface FaultyAttempt {
  readonly queued: QueuedAttempt;
  readonly token: string;
  /** Attempts at the job so far, with this one and those that were no tries. */
  readonly attempts: number;
  readonly outages: Pick<Outages, 'behind'>;
  readonly log: Logger;
  end(how: AttemptEnd): Promise<boolean>;
}

/** From then on an outage costs tries, so that no job is handed round for ever. */
const mostAttempts = 100;

/** Of BullMQ's job, what counts here. */
export type QueuedAttempt = Pick<QueuedJob<QueuedData>, 'data' | 'attemptsMade' | 'moveToDelayed'> & {
  readonly opts: Pick<QueuedJob['opts'], 'attempts' | 'backoff'>;
};

/** Records the fault of an attempt; gives what BullMQ must be thrown, if it is to know. */
export async function afterFault(
  fault: DimgxError,
  { queued, token, attempts, outages, end, log }: FaultyAttempt,
): Promise<Error | undefined> {
  const error = jobErrorOf(fault);
  // The record says so already.
  if (fault.code === 'CANCELLED') {
    log.info('cancelled');
    return undefined;
  }
  // The record and the queue are another attempt's by now, which may be this worker's too.
  if (fault.code === 'WORKER_LOST') {
    log.warn({ err: fault }, 'given up: it is not held any more');
    return fault;
  }
  if (fault.code === 'INTERRUPTED') {
    log.info('handed on');
    await end({ state: 'queued', handedOn: 'INTERRUPTED' });
    return handOn(queued, token);
  }
  const outage = attempts < mostAttempts ? await outages.behind(fault) : undefined;
  if (outage !== undefined) {
    log.info({ code: fault.code, outage }, 'handed back');
    await end({ state: 'queued', error, outage: outage.part });
    return handOn(queued, token);
  }
  const next = nextTry(queued);
  if (fault.retryable && next !== undefined) {
    log.warn({ err: fault, code: fault.code, next }, 'failed, to be tried again');
    await end({ state: 'queued', error, next });
    return fault;
  }
  log.error({ err: fault, code: fault.code }, 'failed');
  await end({ state: 'failed', error });
  return new UnrecoverableError(error.message);
}

/** Costs no try, and wakes an idle worker at once. Gives what BullMQ must be thrown then. */
export async function handOn(
  queued: Pick<QueuedAttempt, 'moveToDelayed'>,
  token: string,
): Promise<DelayedError> {
  await queued.moveToDelayed(Date.now(), token);
  return new DelayedError();
}

/** Undefined if this was the last. BullMQ doubles the pause from try to try, and takes some of it away by chance. */
function nextTry({ attemptsMade, opts: { attempts = 1, backoff = 0 } }: QueuedAttempt): NextTry | undefined {
  const number = attemptsMade + 2;
  if (number > attempts) return undefined;
  const pause = typeof backoff === 'number' ? backoff : (backoff.delay ?? 0) * 2 ** attemptsMade;
  return { number, of: attempts, withinMs: pause };
}
