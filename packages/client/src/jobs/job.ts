import type { ErrorCode } from '../requests/error-code.ts';
import type { FlattenReport } from './flatten-report.ts';
import type { ImageReport } from './image-report.ts';
import type { AcceptedRequest } from './job-request.ts';

/** A job stays `completed`, `failed` or `cancelled`; it is `queued` again between two attempts. */
export type JobState = 'queued' | 'active' | 'completed' | 'failed' | 'cancelled';

/** The phases of a job, in their order; one without work is left out. */
export type Phase = 'resolve' | 'fetch' | 'plan' | 'flatten' | 'upload';

/** How far a job is. */
export interface Progress {
  readonly phase: Phase;
  /** Handled in this phase: received while fetching, of the uncompressed tar while flattening. */
  readonly bytes: number;
  readonly totalBytes?: number;
  /** Entries of the tar written so far. */
  readonly entries: number;
}

/** Why a job failed, or why its last attempt did. */
export interface JobError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Whether the same job, submitted again later, can succeed. */
  readonly retryable: boolean;
}

/** What is known of a job however it stands. Times are RFC 3339 in UTC. */
export interface JobOutline {
  readonly id: string;
  readonly kind: 'flatten' | 'inspect';
  readonly request: AcceptedRequest;
  /** Of the last attempt. */
  readonly progress: Progress;
  /** How often a worker has begun the job. */
  readonly attempts: number;
  /** The batch, schedule or trigger that it came from. */
  readonly batch?: string;
  readonly schedule?: string;
  readonly trigger?: string;
  /** The job that this one does again. */
  readonly retryOf?: string;
  readonly createdAt: string;
}

/** A job that waits for a worker, for the first time or between two attempts. */
export interface QueuedJob extends JobOutline {
  readonly state: 'queued';
  /** Why its last attempt failed. */
  readonly error?: JobError;
  readonly result?: undefined;
  readonly worker?: undefined;
  readonly startedAt?: undefined;
  readonly finishedAt?: undefined;
  readonly expiresAt?: undefined;
}

/** A job that a worker is at. */
export interface ActiveJob extends JobOutline {
  readonly state: 'active';
  readonly error?: undefined;
  readonly result?: undefined;
  /** Name of the worker that has it. */
  readonly worker: string;
  /** When its last attempt began. */
  readonly startedAt: string;
  readonly finishedAt?: undefined;
  readonly expiresAt?: undefined;
}

interface Completed extends JobOutline {
  readonly state: 'completed';
  readonly error?: undefined;
  /** Name of the worker that did it. */
  readonly worker: string;
  /** When its last attempt began. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** When the record of the job goes. */
  readonly expiresAt: string;
}

/** A job that has flattened its image. */
export interface FlattenedJob extends Completed {
  readonly kind: 'flatten';
  readonly result: FlattenReport;
}

/** A job that has inspected its image. */
export interface InspectedJob extends Completed {
  readonly kind: 'inspect';
  readonly result: ImageReport;
}

/** A job that has done what it was to do; its `kind` tells which result it has. */
export type CompletedJob = FlattenedJob | InspectedJob;

interface Unsuccessful extends JobOutline {
  readonly result?: undefined;
  /** Name of the worker that had it, if one did. */
  readonly worker?: string;
  /** When its last attempt began, if one did. */
  readonly startedAt?: string;
  readonly finishedAt: string;
  /** When the record of the job goes. */
  readonly expiresAt: string;
}

/** A job that is given up. */
export interface FailedJob extends Unsuccessful {
  readonly state: 'failed';
  readonly error: JobError;
}

/** A job that somebody wanted no more. */
export interface CancelledJob extends Unsuccessful {
  readonly state: 'cancelled';
  /** Why an attempt before that failed. */
  readonly error?: JobError;
}

/** One image to flatten or inspect, and how that stands: by its `state` the compiler knows what else there is. */
export type Job = QueuedJob | ActiveJob | CompletedJob | FailedJob | CancelledJob;

/** A job without its result, as lists have it. */
export type ListedJob = WithoutResult<Job>;

type WithoutResult<T> = T extends unknown ? Omit<T, 'result'> : never;

/** Whether the job stays as it is. */
export function hasEnded<T extends { readonly state: JobState }>(
  job: T,
): job is T & { readonly state: 'completed' | 'failed' | 'cancelled' } {
  return job.state !== 'queued' && job.state !== 'active';
}
