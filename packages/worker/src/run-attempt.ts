import { randomUUID } from 'node:crypto';
import { DimgxError, dimgxVersion } from '@dimgx/core';
import {
  type Job,
  type JobRecord,
  type JobRecords,
  type JobResult,
  logText,
  type SpanAttributes,
} from '@dimgx/queue';
import { z } from 'zod';
import { type Attempt, type AttemptParts, HeldAttempt } from './attempt.ts';
import { afterFault, handOn, type QueuedAttempt } from './attempt-fault.ts';
import type { Outages } from './outages.ts';

export interface AttemptContext extends Omit<AttemptParts, 'lockLost' | 'span'> {
  readonly records: AttemptParts['records'] & Pick<JobRecords, 'start'>;
  readonly outages: Pick<Outages, 'behind' | 'current'>;
  /** The worker's name. */
  readonly name: string;
  work(job: Job, attempt: Attempt): Promise<JobResult>;
}

const queuedDataSchema = z.object({ id: z.string() });

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
  const { records, outages, tracing } = context;
  // It was on its way when the worker stopped taking jobs.
  if (outages.current.length > 0) throw await handOn(queued, token);
  const name = randomUUID();
  const record = await records.start(id, name, context.name);
  if (record === undefined) {
    return context.log.info({ job: id }, 'finished already, or its record is gone: nothing to do');
  }
  const { job, trace } = record;
  const attributes = attributesOf(job, context.name);
  const span = tracing.begin(`job ${job.kind}`, { kind: 'consumer', parent: trace, attributes });
  const log = context.log.child({ job: id, ...span.ids });
  log.info({ kind: job.kind, image: job.request.image, attempt: job.attempts }, 'begun');

  const begun = performance.now();
  const attempt = new HeldAttempt(job, name, { ...context, lockLost, span, log });
  if (span.ids !== undefined) attempt.log.info(`its trace is ${span.ids.trace_id}`);
  let fault: DimgxError | undefined;
  try {
    checkUnderstood(record, context.name);
    const result = await context.work(job, attempt);
    span.set(outcomeOf(result));
    await attempt.settle();
    const isOurs = await attempt.end({ state: 'completed', result, progress: attempt.progress });
    const milliseconds = Math.round(performance.now() - begun);
    log.info({ milliseconds }, isOurs ? 'completed' : 'completed, but the job was not ours any more');
  } catch (thrown) {
    await attempt.settle();
    const end = attempt.end.bind(attempt);
    fault = attempt.faultOf(thrown);
    const told = await afterFault(fault, { queued, token, attempts: job.attempts, outages, end, log });
    if (told !== undefined) throw told;
  } finally {
    attempt.close(fault?.code);
    span.end(fault?.code);
  }
}

function attributesOf({ id, request, attempts, batch }: Job, worker: string): SpanAttributes {
  return {
    ...{ 'dimgx.job.id': id, 'dimgx.job.attempt': attempts, 'dimgx.batch.id': batch },
    ...{ 'dimgx.image': logText(request.image), 'dimgx.pool': request.pool, 'dimgx.worker': worker },
  };
}

function outcomeOf(result: JobResult): SpanAttributes {
  const found = { 'dimgx.image.digest': result.image.digest };
  if (!('artifact' in result)) return found;
  const { artifact, cached } = result;
  return {
    ...{ ...found, 'dimgx.cached': cached, 'dimgx.artifact.bytes': artifact.size },
    'dimgx.tar.bytes': artifact.uncompressedSize,
  };
}

/** Work without what is not understood would be other work. Throws `REQUEST_INVALID`. */
function checkUnderstood({ notUnderstood }: JobRecord, worker: string): void {
  if (notUnderstood === undefined) return;
  const names = notUnderstood.join(', ');
  const message = `${names}: worker ${worker} (dimgx ${dimgxVersion}) does not know it: upgrade the workers`;
  throw new DimgxError('REQUEST_INVALID', message);
}
