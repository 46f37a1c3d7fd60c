import { DimgxError } from '@dimgx/core';
import { isFinal, type Job, type JobError, jobErrorOf } from './job-record.ts';
import type { JobRecords } from './job-records.ts';
import type { PoolQueues, QueuePosition } from './pool-queues.ts';

/** What was done to bring a job's record and the queue together again. */
export type Mend = 'added' | 'requeued' | 'failed';

/** BullMQ has the job, but nobody works on it. */
const waiting: readonly QueuePosition[] = ['waiting', 'prioritized', 'delayed'];

/**
 * Brings one job's record and the queue together, should a process have died between two steps. Right at any time,
 * also while the job is worked on: the record is read before the queue is asked, and changed only if the same
 * attempt still holds it. Undefined if nothing was wrong.
 */
export async function mendJob(
  id: string,
  records: JobRecords,
  queues: PoolQueues,
): Promise<Mend | undefined> {
  const record = await records.find(id);
  if (record === undefined || isFinal(record.job.state)) {
    await records.settle(id);
    return undefined;
  }
  const { job, attempt } = record;
  const position = await queues.position(job);
  if (job.state === 'queued' && position === 'unknown') {
    await queues.add(job);
    return 'added';
  }
  if (attempt === undefined) return undefined;
  if (position === 'unknown') {
    return (await records.end(id, attempt, { state: 'failed', error: workerLost(job) }))
      ? 'failed'
      : undefined;
  }
  if (!waiting.includes(position)) return undefined;
  return (await records.end(id, attempt, { state: 'queued', handedOn: 'WORKER_LOST' }))
    ? 'requeued'
    : undefined;
}

function workerLost({ worker, attempts }: Job): JobError {
  return jobErrorOf(
    new DimgxError(
      'WORKER_LOST',
      `worker ${worker} went away in the middle of attempt ${attempts}, and there are no more; submit it again`,
    ),
  );
}
