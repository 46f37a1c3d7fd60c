import type { BatchOfImages, BatchRequest } from '../batches/batch.ts';
import type { AcceptedRequest, CallbackRequest, JobRequest } from '../jobs/job-request.ts';

/** The body of `PUT /v1/schedules/{id}`: either `cron` or `everySeconds`, and either `job` or `batch`. */
export interface ScheduleRequest {
  /** Minute, hour, day of the month, month, day of the week, such as `30 2 * * 1-5`. */
  readonly cron?: string;
  /** 10 or more, counted from when the schedule was put. */
  readonly everySeconds?: number;
  /** In which `cron` is meant, such as `Europe/Berlin`: `UTC` unless given. */
  readonly timezone?: string;
  readonly job?: JobRequest;
  readonly batch?: BatchRequest;
  /** Whether a run is left out while the one before it has not ended: `skip` unless given. */
  readonly overlap?: 'skip' | 'allow';
  /** It runs by hand alone. */
  readonly paused?: boolean;
}

/** Jobs or batches by the clock. Times are RFC 3339 in UTC. */
export interface Schedule {
  readonly id: string;
  readonly cron?: string;
  readonly everySeconds?: number;
  readonly timezone: string;
  readonly job?: AcceptedRequest;
  readonly batch?: AcceptedBatch;
  readonly overlap: 'skip' | 'allow';
  readonly paused: boolean;
  /** The next five times; none while it is paused. */
  readonly next: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A batch's request as the service keeps it, with the defaults of its jobs filled in. */
export type AcceptedBatch =
  | (Omit<BatchOfImages, 'template'> & { readonly template?: Omit<AcceptedRequest, 'image' | 'destination'> })
  | { readonly jobs: readonly AcceptedRequest[]; readonly callback?: CallbackRequest };

/** What became of one time of a schedule. */
export interface ScheduleRun {
  /** When it was due, or asked for. */
  readonly at: string;
  readonly by: 'clock' | 'hand';
  /** The job or batch that it made. */
  readonly job?: string;
  readonly batch?: string;
  /** Why it made nothing. */
  readonly skipped?: string;
}

/** A schedule, and what became of it. */
export interface ScheduleStatus {
  readonly schedule: Schedule;
  /** The last 50, newest first. */
  readonly runs: readonly ScheduleRun[];
}
