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

/** A job without its result, as lists have it. Times are RFC 3339 in UTC. */
export interface ListedJob {
  readonly id: string;
  readonly kind: 'flatten' | 'inspect';
  readonly state: JobState;
  readonly request: AcceptedRequest;
  /** Of the last attempt. */
  readonly progress: Progress;
  readonly error?: JobError;
  /** How often a worker has begun the job. */
  readonly attempts: number;
  /** The batch, schedule or trigger that it came from. */
  readonly batch?: string;
  readonly schedule?: string;
  readonly trigger?: string;
  /** The job that this one does again. */
  readonly retryOf?: string;
  /** Name of the worker that has, or had, the job. */
  readonly worker?: string;
  readonly createdAt: string;
  /** Of the last attempt. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** When the record of the finished job goes. */
  readonly expiresAt?: string;
}

/** One image to flatten or inspect, and how that stands. */
export interface Job extends ListedJob {
  /** What a completed job made or found: a `FlattenReport`, or an `ImageReport` of one that inspects. */
  readonly result?: FlattenReport | ImageReport;
}

/** A job that has done what it was to do. */
export interface CompletedJob extends Job {
  readonly state: 'completed';
  readonly result: FlattenReport | ImageReport;
}

/** Whether the job stays as it is. */
export function hasEnded({ state }: Pick<Job, 'state'>): boolean {
  return state !== 'queued' && state !== 'active';
}
