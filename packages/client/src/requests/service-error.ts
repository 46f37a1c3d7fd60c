import type { CancelledJob, FailedJob } from '../jobs/job.ts';
import type { ErrorCode } from './error-code.ts';

/** What a service that refuses answers: RFC 9457, with a code. */
export interface Problem {
  readonly type: 'about:blank';
  /** The meaning of the status. */
  readonly title: string;
  readonly status: number;
  /** What happened, to what, and what to do about it. */
  readonly detail: string;
  readonly code: ErrorCode;
  /** The places of the request that are at fault. */
  readonly errors?: readonly RequestFault[];
}

/** A place of a request that is at fault. */
export interface RequestFault {
  /** JSON pointer (RFC 6901) into the body; empty for all of it. */
  readonly pointer: string;
  readonly detail: string;
}

/** What may pass by itself. */
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...(['DOCKER_UNREACHABLE', 'DOCKER_FAILED', 'PULL_FAILED', 'NO_SPACE'] as const),
  ...(['STORE_UNREACHABLE', 'STORE_FAILED', 'TOO_MANY_STREAMS', 'SECRET_SEALED', 'RATE_LIMITED'] as const),
  ...(['ENDPOINT_UNREACHABLE', 'REDIS_UNREACHABLE', 'SERVICE_UNREACHABLE', 'PART_FAILED'] as const),
  ...(['INTERRUPTED', 'QUEUE_TIMED_OUT', 'WORKER_LOST', 'INTERNAL'] as const),
]);

export interface ServiceErrorDetails {
  readonly status?: number | undefined;
  readonly problem?: Problem | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly job?: FailedJob | CancelledJob | undefined;
  readonly cause?: unknown;
}

/**
 * The one error of the client: what the service refused, that it can't be reached (`SERVICE_UNREACHABLE`), that what
 * came is not what it should be (`DIGEST_MISMATCH`), or how a job failed that was waited for. An aborted signal is no
 * such error: its reason is thrown as it is.
 */
export class ServiceError extends Error {
  /** For programs. */
  readonly code: ErrorCode;
  /** Of the HTTP answer; undefined where there was none. */
  readonly status: number | undefined;
  /** The refusal as the service sent it, if it did. */
  readonly problem: Problem | undefined;
  /** How long the service wants to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** The job that failed, or was cancelled, while it was waited for. */
  readonly job: FailedJob | CancelledJob | undefined;

  /** `message` is one line for people. */
  constructor(
    code: ErrorCode,
    message: string,
    { status, problem, retryAfterMs, job, cause }: ServiceErrorDetails = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ServiceError';
    this.code = code;
    this.status = status;
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
    this.job = job;
  }

  /** What happened, to what, and what to do about it: the message. */
  get detail(): string {
    return this.message;
  }

  /** The places of the request that are at fault; none where it is not the body. */
  get errors(): readonly RequestFault[] {
    return this.problem?.errors ?? [];
  }

  /** Whether the same, asked again later, can succeed. */
  get retryable(): boolean {
    return this.job?.error?.retryable ?? retryable.has(this.code);
  }
}
