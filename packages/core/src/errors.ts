import { getSystemErrorMessage } from 'node:util';

/**
 * The one error of the project. Every fault a user can meet has a code of this closed set; the message says
 * what happened, to what, and what to do about it, in one line, without secrets.
 */

const retryable = {
  // What the user typed or sent.
  USAGE: false,
  CONFIG_INVALID: false,
  REFERENCE_INVALID: false,
  REQUEST_INVALID: false,
  // The image and where it comes from.
  SOURCE_REFUSED: false,
  SOURCE_UNSUPPORTED: false,
  IMAGE_NOT_FOUND: false,
  IMAGE_AMBIGUOUS: false,
  PLATFORM_NOT_FOUND: false,
  LAYER_NOT_FOUND: false,
  LAYER_AMBIGUOUS: false,
  ARCHIVE_NOT_FOUND: false,
  ARCHIVE_UNREADABLE: false,
  ARCHIVE_INVALID: false,
  ARCHIVE_TRUNCATED: false,
  MANIFEST_INVALID: false,
  BLOB_MISSING: false,
  DIGEST_MISMATCH: false,
  LAYER_INVALID: false,
  LAYER_TRUNCATED: false,
  WHITEOUT_INVALID: false,
  HARDLINK_INVALID: false,
  SYMLINK_LOOP: false,
  COMPRESSION_INVALID: false,
  COMPRESSION_UNSUPPORTED: false,
  LIMIT_EXCEEDED: false,
  DOCKER_UNREACHABLE: true,
  DOCKER_FAILED: true,
  PULL_FAILED: true,
  // Where the artifact goes.
  TARGET_EXISTS: false,
  TARGET_FOLDER_MISSING: false,
  TARGET_UNWRITABLE: false,
  NO_SPACE: true,
  STORE_UNREACHABLE: true,
  STORE_DENIED: false,
  STORE_BUCKET_MISSING: false,
  STORE_FAILED: true,
  // The service.
  UNAUTHORIZED: false,
  FORBIDDEN: false,
  ROUTE_NOT_FOUND: false,
  METHOD_NOT_ALLOWED: false,
  MEDIA_TYPE_UNSUPPORTED: false,
  BODY_TOO_LARGE: false,
  IDEMPOTENCY_MISMATCH: false,
  JOB_NOT_FOUND: false,
  JOB_FINISHED: false,
  JOB_NOT_FINISHED: false,
  LOGS_EXPIRED: false,
  BATCH_NOT_FOUND: false,
  BATCH_FINISHED: false,
  BATCH_NOT_FINISHED: false,
  NOTHING_FAILED: false,
  SCHEDULE_NOT_FOUND: false,
  TOO_MANY_STREAMS: true,
  ARTIFACT_NOT_READY: false,
  ARTIFACT_NOT_FOUND: false,
  ARTIFACT_EXPIRED: false,
  ARTIFACT_REPLACED: false,
  RANGE_NOT_SATISFIABLE: false,
  CALLBACK_NOT_FOUND: false,
  DELIVERY_NOT_FOUND: false,
  TRIGGER_NOT_FOUND: false,
  KEY_NOT_FOUND: false,
  SECRET_SEALED: true,
  RATE_LIMITED: true,
  ADDRESS_REFUSED: false,
  ENDPOINT_UNREACHABLE: true,
  REDIS_UNREACHABLE: true,
  SERVICE_UNREACHABLE: true,
  PORT_IN_USE: false,
  PART_MISSING: false,
  PART_FAILED: true,
  // The life of one run.
  CANCELLED: false,
  INTERRUPTED: true,
  TIMED_OUT: false,
  QUEUE_TIMED_OUT: true,
  WORKER_LOST: true,
  INTERNAL: true,
} as const satisfies Record<string, boolean>;

/** What is wrong, as programs are told it. The set is closed; codes do not change their meaning. */
export type ErrorCode = keyof typeof retryable;

/** All codes there are. */
export const errorCodes = Object.keys(retryable) as readonly ErrorCode[];

/** Every error that is thrown on purpose: a code for programs, one line for people. */
export class DimgxError extends Error {
  readonly code: ErrorCode;

  /** `message` is one line for the user; `cause` is the fault underneath, kept for `--verbose` and logs. */
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DimgxError';
    this.code = code;
  }

  /** Whether the same work, done again later, can succeed. */
  get retryable(): boolean {
    return retryable[this.code];
  }
}

/** Any thrown value as a `DimgxError`: itself, or an `INTERNAL` one that keeps it as the cause. */
export function toDimgxError(thrown: unknown): DimgxError {
  if (thrown instanceof DimgxError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new DimgxError('INTERNAL', message, { cause: thrown });
}

/** The system's error code (`ENOENT`, `ECONNREFUSED`, …) of a thrown value, if it has one. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** What OpenSSL says of a connection that it can't make, without the places of its source that come with that. */
export function tlsWords(thrown: unknown): string | undefined {
  if (systemCode(thrown)?.startsWith('ERR_SSL_') !== true) return undefined;
  const reason = thrown instanceof Error && 'reason' in thrown ? thrown.reason : undefined;
  return typeof reason === 'string' ? `TLS fails: ${reason}` : undefined;
}

/** What the system says of a thrown value, such as `permission denied`; its code where it has no words. */
export function systemWords(thrown: unknown): string {
  const number = thrown instanceof Error && 'errno' in thrown ? thrown.errno : undefined;
  const words = typeof number === 'number' ? getSystemErrorMessage(number) : undefined;
  return words ?? systemCode(thrown) ?? 'unknown fault';
}
