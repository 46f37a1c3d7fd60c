import type { Connection } from '../requests/connection.ts';
import type { PageQuery, Pages } from '../requests/pages.ts';
import { type IdempotentOptions, path, type RequestOptions } from '../requests/request.ts';
import { type Artifact, type ArtifactOptions, openArtifact } from './artifact.ts';
import type { CompletedJob, Job, JobState, ListedJob, Phase, Progress } from './job.ts';
import type { JobEvent, LogLine, StateEvent } from './job-event.ts';
import type { JobRequest } from './job-request.ts';
import { completed, events, followedLog } from './watching.ts';

/** What must hold for all jobs of a list; without anything, all are meant. */
export interface JobQuery extends PageQuery {
  readonly state?: JobState | undefined;
  /** As the request names it. */
  readonly image?: string | undefined;
  /** `NAME=VALUE`; of several, all must be there. */
  readonly label?: string | readonly string[] | undefined;
}

/** Which jobs a list is of. */
export interface JobListOptions extends JobQuery, RequestOptions {
  /** Ids of what the jobs came from. */
  readonly batch?: string | undefined;
  readonly schedule?: string | undefined;
  readonly trigger?: string | undefined;
}

/** Which lines of a log are wanted. */
export interface LogOptions extends PageQuery, RequestOptions {
  /** Only lines of this phase. */
  readonly phase?: Phase | undefined;
}

/** Where the events of a job begin. */
export interface EventOptions extends RequestOptions {
  /** The id of the last `StateEvent` that is known: only what came after it. */
  readonly lastEventId?: string | undefined;
}

/** How a job is waited for. */
export interface WaitOptions extends RequestOptions {
  /** Told how far the job is, several times a second at the most. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Told when an attempt has ended and the job waits for another one, with why in its `error`. */
  readonly onQueuedAgain?: ((event: StateEvent) => void) | undefined;
}

/** Images to flatten or inspect, one by one. */
export class Jobs {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Submits one image; resolves when the service has taken it in. `wait` tells when it is done. */
  submit(request: JobRequest, options?: IdempotentOptions): Promise<Job> {
    return this.#connection.makeOnce('/v1/jobs', options, request);
  }

  /** How a job stands. Throws `JOB_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<Job> {
    return this.#connection.json({ path: path`/v1/jobs/${id}` }, options);
  }

  /** Newest first. Pages do not shift while jobs come and go. */
  list(options?: JobListOptions): Pages<ListedJob> {
    return this.#connection.pages('/v1/jobs', options);
  }

  /** Gives the cancelled job; a worker that is at it stops within two seconds. Throws `JOB_FINISHED`. */
  cancel(id: string, options?: RequestOptions): Promise<Job> {
    return this.#connection.json({ method: 'DELETE', path: path`/v1/jobs/${id}` }, options);
  }

  /** Gives a new job that does the same as one that has ended. Throws `JOB_NOT_FINISHED`. */
  retry(id: string, options?: IdempotentOptions): Promise<Job> {
    return this.#connection.makeOnce(path`/v1/jobs/${id}/retry`, options);
  }

  /** What happened to a job so far, oldest first. `cursor` takes the id of a line too. Throws `LOGS_EXPIRED`. */
  logs(id: string, options?: LogOptions): Pages<LogLine> {
    return this.#connection.pages(path`/v1/jobs/${id}/logs`, options);
  }

  /** The log so far, and the lines to come until the job has ended. Goes on when the service is away for a minute. */
  followLogs(id: string, options: RequestOptions = {}): AsyncGenerator<LogLine, void, undefined> {
    return followedLog(this.#connection, this, id, options);
  }

  /**
   * What happens to a job, as it happens: its state as it is or, after `lastEventId`, every change since; then each
   * change and its progress, until it has ended. A connection that breaks is made again, and no change is lost. Goes
   * on when the service is away for a minute.
   */
  events(id: string, options: EventOptions = {}): AsyncGenerator<JobEvent, void, undefined> {
    return events(this.#connection, id, options);
  }

  /**
   * Resolves with the job when it is completed. Throws the error of one that failed, or `CANCELLED`, with the `job`.
   * Goes on when the service is away for a minute.
   */
  wait(id: string, options: WaitOptions = {}): Promise<CompletedJob> {
    return completed(this.#connection, this, id, options);
  }

  /**
   * The artifact of a completed flatten: its size, digest and bytes, from wherever the service keeps it. The bytes go on
   * where a broken connection left off; `held` has them go on where an earlier download did. Of the whole artifact the digest is checked: what reads them gets
   * `DIGEST_MISMATCH` at the end if they are not right. Read the body to its end or cancel it. Throws
   * `ARTIFACT_NOT_READY`, `ARTIFACT_NOT_FOUND`, `ARTIFACT_EXPIRED`, `ARTIFACT_REPLACED` or `RANGE_NOT_SATISFIABLE`.
   */
  artifact(id: string, options: ArtifactOptions = {}): Promise<Artifact> {
    return openArtifact(this.#connection, this, id, options);
  }
}
