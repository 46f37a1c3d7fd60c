import { randomUUID } from 'node:crypto';
import type { Job, JobRecords, JobResult } from '@dimgx/queue';
import { z } from 'zod';
import { type Attempt, type AttemptParts, HeldAttempt } from './attempt.ts';
import { afterFault, type QueuedAttempt } from './attempt-fault.ts';

export interface AttemptContext extends Omit<AttemptParts, 'lockLost'> {
  readonly records: AttemptParts['records'] & Pick<JobRecords, 'start'>;
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
  const log = context.log.child({ job: id });
  const name = randomUUID();
  const job = await context.records.start(id, name, context.name);
  if (job === undefined) return log.info('finished already, or its record is gone: nothing to do');
  log.info({ kind: job.kind, image: job.request.image, attempt: job.attempts }, 'begun');

  const begun = performance.now();
  const attempt = new HeldAttempt(job, name, { ...context, lockLost, log });
  try {
    const result = await context.work(job, attempt);
    await attempt.settle();
    const isOurs = await attempt.end({ state: 'completed', result, progress: attempt.progress });
    const milliseconds = Math.round(performance.now() - begun);
    log.info({ milliseconds }, isOurs ? 'completed' : 'completed, but the job was not ours any more');
  } catch (thrown) {
    await attempt.settle();
    const end = attempt.end.bind(attempt);
    const told = await afterFault(attempt.faultOf(thrown), { queued, token, end, log });
    if (told !== undefined) throw told;
  } finally {
    attempt.close();
  }
}
