import type { Connection } from '../requests/connection.ts';
import { pause, watchPatienceMs } from '../requests/patience.ts';
import type { RequestOptions } from '../requests/request.ts';
import { ServiceError } from '../requests/service-error.ts';
import { openEvents } from './event-stream.ts';
import { type CancelledJob, type CompletedJob, type FailedJob, hasEnded } from './job.ts';
import type { JobEvent, LogLine, StateEvent } from './job-event.ts';
import type { EventOptions, Jobs, WaitOptions } from './jobs.ts';

const logPollMs = 1000;
/** Between two connections for events, as the service asks for. */
const comeAgainMs = 1000;
/** Between two looks at a job that tells no events. */
const firstLookMs = 300;
const latestLookMs = 3000;

/** Resolves with the completed job; throws the error of one that failed or was cancelled. */
export async function completed(
  connection: Connection,
  jobs: Jobs,
  id: string,
  { signal, patienceMs = watchPatienceMs, onProgress, onQueuedAgain }: WaitOptions,
): Promise<CompletedJob> {
  const stop = connection.signal(signal);
  // Each connection begins with the last change, which may be known.
  const told = new Set<string>();
  const onState = (event: StateEvent) => {
    if (event.state !== 'queued' || event.error === undefined || told.has(event.id)) return;
    told.add(event.id);
    onQueuedAgain?.(event);
  };
  for (let lookMs = firstLookMs; ; lookMs = Math.min(1.5 * lookMs, latestLookMs)) {
    const job = await jobs.get(id, { signal, patienceMs });
    if (hasEnded(job)) return completedOf(job);
    onProgress?.(job.progress);
    if (!(await sawEnd(connection, id, { signal, onProgress, onState }))) await pause(lookMs, stop);
  }
}

function completedOf(job: CompletedJob | FailedJob | CancelledJob): CompletedJob {
  if (job.state === 'completed') return job;
  if (job.state === 'cancelled') throw new ServiceError('CANCELLED', `job ${job.id} was cancelled`, { job });
  throw new ServiceError(job.error.code, `job ${job.id} failed: ${job.error.message}`, { job });
}

interface FollowOptions extends Pick<WaitOptions, 'signal' | 'onProgress'> {
  onState(event: StateEvent): void;
}

/** Follows a job by its events, which spares asking for it; false if they broke off, or there are none to be had. */
async function sawEnd(
  connection: Connection,
  id: string,
  { signal, onProgress, onState }: FollowOptions,
): Promise<boolean> {
  const stream = await openEvents(connection, id, { signal, patienceMs: 0 }).catch(() => {
    // Whatever it is, asking for the job tells.
    connection.signal(signal).throwIfAborted();
  });
  for await (const event of stream ?? []) {
    if (event.type === 'progress') {
      const { type: _, ...progress } = event;
      onProgress?.(progress);
      continue;
    }
    onState(event);
    if (hasEnded(event)) return true;
  }
  return false;
}

/** The events of a job until it has ended, over as many connections as that takes. */
export async function* events(
  connection: Connection,
  id: string,
  { lastEventId, signal, patienceMs = watchPatienceMs }: EventOptions,
): AsyncGenerator<JobEvent, void, undefined> {
  for (let known = lastEventId; ; await pause(comeAgainMs, connection.signal(signal))) {
    const stream = await openEvents(connection, id, { lastEventId: known, signal, patienceMs });
    if (stream === undefined) return;
    for await (const event of stream) {
      yield event;
      if (event.type !== 'state') continue;
      known = event.id;
      if (hasEnded(event)) return;
    }
  }
}

/** The lines of a job's log so far, and those to come until it has ended. */
export async function* followedLog(
  connection: Connection,
  jobs: Jobs,
  id: string,
  { signal, patienceMs = watchPatienceMs }: RequestOptions,
): AsyncGenerator<LogLine, void, undefined> {
  let cursor: string | undefined;
  for (let isLast = false; !isLast; ) {
    // Asked before: what comes between the two is in the log.
    isLast = hasEnded(await jobs.get(id, { signal, patienceMs }));
    for await (const line of jobs.logs(id, { cursor, signal, patienceMs })) {
      cursor = line.id;
      yield line;
    }
    if (!isLast) await pause(logPollMs, connection.signal(signal));
  }
}
