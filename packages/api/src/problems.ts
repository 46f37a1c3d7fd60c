import { STATUS_CODES } from 'node:http';
import type { DimgxError, ErrorCode } from '@dimgx/core';
import { jobErrorSchema } from '@dimgx/queue';
import { z } from 'zod';

/**
 * The status of each code, for an answer to the request at hand. The fault of a job is part of the job instead,
 * which is found with 200. Most codes of images and stores can't meet a request; they have a status all the same.
 */
export const statuses: Record<ErrorCode, number> = {
  USAGE: 400,
  CONFIG_INVALID: 500,
  REFERENCE_INVALID: 400,
  REQUEST_INVALID: 400,
  SOURCE_REFUSED: 403,
  SOURCE_UNSUPPORTED: 400,
  IMAGE_NOT_FOUND: 404,
  IMAGE_AMBIGUOUS: 400,
  PLATFORM_NOT_FOUND: 404,
  LAYER_NOT_FOUND: 404,
  LAYER_AMBIGUOUS: 400,
  ARCHIVE_NOT_FOUND: 404,
  ARCHIVE_UNREADABLE: 403,
  ARCHIVE_INVALID: 422,
  ARCHIVE_TRUNCATED: 422,
  MANIFEST_INVALID: 422,
  BLOB_MISSING: 422,
  DIGEST_MISMATCH: 422,
  LAYER_INVALID: 422,
  LAYER_TRUNCATED: 422,
  WHITEOUT_INVALID: 422,
  HARDLINK_INVALID: 422,
  SYMLINK_LOOP: 422,
  COMPRESSION_INVALID: 400,
  COMPRESSION_UNSUPPORTED: 400,
  LIMIT_EXCEEDED: 422,
  DOCKER_UNREACHABLE: 503,
  DOCKER_FAILED: 502,
  PULL_FAILED: 502,
  TARGET_EXISTS: 409,
  TARGET_FOLDER_MISSING: 404,
  TARGET_UNWRITABLE: 403,
  NO_SPACE: 507,
  STORE_UNREACHABLE: 503,
  STORE_DENIED: 502,
  STORE_BUCKET_MISSING: 502,
  STORE_FAILED: 502,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  MEDIA_TYPE_UNSUPPORTED: 415,
  BODY_TOO_LARGE: 413,
  IDEMPOTENCY_MISMATCH: 422,
  JOB_NOT_FOUND: 404,
  JOB_FINISHED: 409,
  JOB_NOT_FINISHED: 409,
  LOGS_EXPIRED: 410,
  BATCH_NOT_FOUND: 404,
  BATCH_FINISHED: 409,
  BATCH_NOT_FINISHED: 409,
  NOTHING_FAILED: 409,
  SCHEDULE_NOT_FOUND: 404,
  TOO_MANY_STREAMS: 503,
  ARTIFACT_NOT_READY: 409,
  ARTIFACT_NOT_FOUND: 404,
  ARTIFACT_EXPIRED: 410,
  ARTIFACT_REPLACED: 410,
  RANGE_NOT_SATISFIABLE: 416,
  CALLBACK_NOT_FOUND: 404,
  DELIVERY_NOT_FOUND: 404,
  TRIGGER_NOT_FOUND: 404,
  KEY_NOT_FOUND: 404,
  SECRET_SEALED: 503,
  RATE_LIMITED: 429,
  ADDRESS_REFUSED: 403,
  ENDPOINT_UNREACHABLE: 502,
  REDIS_UNREACHABLE: 503,
  SERVICE_UNREACHABLE: 503,
  PORT_IN_USE: 500,
  PART_MISSING: 500,
  PART_FAILED: 500,
  CANCELLED: 409,
  INTERRUPTED: 503,
  TIMED_OUT: 504,
  QUEUE_TIMED_OUT: 503,
  WORKER_LOST: 503,
  INTERNAL: 500,
};

const requestFaultSchema = z
  .object({ pointer: z.string().describe('JSON pointer (RFC 6901)'), detail: z.string() })
  .meta({ id: 'RequestFault' });

/** RFC 9457 with our code, and with the places of the request that are at fault. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().describe('The meaning of the status'),
    status: z.int(),
    detail: z.string().describe('What happened, to what, and what to do about it'),
    code: jobErrorSchema.shape.code.describe('Stable, for programs'),
    errors: z.array(requestFaultSchema).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.output<typeof problemSchema>;

export const problemMediaType = 'application/problem+json';

/** An `INTERNAL` error is told without its message, which is for the log alone. */
export function problemOf({ code, message }: DimgxError): Problem {
  const status = statuses[code];
  const detail = code === 'INTERNAL' ? 'a fault of the service; its log has the details' : message;
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, code };
}

/** The answers of a route, to which these faults are added. */
export function withProblems(responses: unknown = {}, ...codes: readonly ErrorCode[]): object {
  const listed = z.record(z.string(), z.unknown()).parse(responses);
  const added = Object.entries(problemResponses(...codes)).map(([status, problem]) => {
    const before = z.object({ description: z.string() }).safeParse(listed[status]).data;
    const texts = before === undefined ? [] : [before.description];
    const names = [...texts, problem.description].flatMap((text) => text.split(', '));
    return [status, { ...problem, description: [...new Set(names)].join(', ') }] as const;
  });
  return { ...listed, ...Object.fromEntries(added) };
}

interface ProblemResponse {
  /** The codes. */
  readonly description: string;
  readonly content: object;
}

/** The answers other than success that a route's documentation lists. */
export function problemResponses(...codes: readonly ErrorCode[]): Record<number, ProblemResponse> {
  const byStatus = Object.groupBy(codes, (code) => statuses[code]);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, same = []]) => [
      status,
      { description: same.join(', '), content: { [problemMediaType]: { schema: problemSchema } } },
    ]),
  );
}
