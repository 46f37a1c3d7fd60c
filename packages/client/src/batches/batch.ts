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

/** Many jobs, taken in as one. Times are RFC 3339 in UTC. */
export interface Batch {
  readonly id: string;
  /** `cancelled` from the wish on, while its last jobs may still be stopping. */
  readonly state: 'running' | 'finished' | 'cancelled';
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
  readonly callback?: CallbackRequest;
  /** The schedule that made it. */
  readonly schedule?: string;
  /** The batch whose failed jobs this one does again. */
  readonly retryOf?: string;
  readonly createdAt: string;
  /** When its last job had ended. */
  readonly finishedAt?: string;
}

/** What one completed job of a batch made; `jobs.artifact(job)` has the bytes. */
export interface BatchArtifact {
  readonly job: string;
  readonly image: FlattenedImage;
  readonly artifact: ArtifactReport;
  readonly cached: boolean;
}
