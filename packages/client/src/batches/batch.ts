import type { ArtifactReport, FlattenedImage } from '../jobs/flatten-report.ts';
import type { CallbackRequest, JobRequest } from '../jobs/job-request.ts';

/** The body of `POST /v1/batches`: images that have all else in common, or jobs of their own. 10,000 at the most. */
export type BatchRequest = BatchOfImages | BatchOfJobs;

/** A request without its image, and without a place for just one. */
export type JobTemplate = Omit<JobRequest, 'image' | 'destination'>;

/** Images that have all else in common. */
export interface BatchOfImages {
  /** Image references. */
  readonly images: readonly string[];
  /** What holds for all of them. */
  readonly template?: JobTemplate;
  /** Told the end of the whole batch. */
  readonly callback?: CallbackRequest;
}

/** Jobs that each say all of it. */
export interface BatchOfJobs {
  readonly jobs: readonly JobRequest[];
  /** Told the end of the whole batch. */
  readonly callback?: CallbackRequest;
}

/** What is known of a batch however it stands. Times are RFC 3339 in UTC. */
export interface BatchOutline {
  readonly id: string;
  /** How many jobs it has. */
  readonly total: number;
  /** Items that asked for what another one asked for, and got no job of their own. */
  readonly duplicates: number;
  /** Its jobs by state; those still to be made are among the queued. */
  readonly counts: {
    readonly queued: number;
    readonly active: number;
    readonly completed: number;
    readonly failed: number;
    readonly cancelled: number;
  };
  /** How often its jobs were begun again, by the code of why the attempt before ended; none if they were not. */
  readonly retries?: { readonly [code: string]: number };
  readonly callback?: CallbackRequest;
  /** The schedule that made it. */
  readonly schedule?: string;
  /** The batch whose failed jobs this one does again. */
  readonly retryOf?: string;
  readonly createdAt: string;
}

/** A batch with jobs that have not ended. */
export interface RunningBatch extends BatchOutline {
  readonly state: 'running';
  readonly finishedAt?: undefined;
}

/** A batch whose jobs have all ended. */
export interface FinishedBatch extends BatchOutline {
  readonly state: 'finished';
  /** When its last job had ended. */
  readonly finishedAt: string;
}

/** A batch that somebody wanted no more; from the wish on, while its last jobs may still be stopping. */
export interface CancelledBatch extends BatchOutline {
  readonly state: 'cancelled';
  /** When its last job had ended. */
  readonly finishedAt?: string;
}

/** Many jobs, taken in as one. */
export type Batch = RunningBatch | FinishedBatch | CancelledBatch;

/** A batch of which no job runs or waits. */
export type EndedBatch = FinishedBatch | (CancelledBatch & { readonly finishedAt: string });

/** What one completed job of a batch made; `jobs.artifact(job)` has the bytes. */
export interface BatchArtifact {
  readonly job: string;
  readonly image: FlattenedImage;
  readonly artifact: ArtifactReport;
  readonly cached: boolean;
}
