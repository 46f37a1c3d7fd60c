import {
  type DimgxError,
  type ErrorCode,
  errorCodes,
  type FlattenReport,
  flattenReportSchema,
  type ImageReport,
  type Progress,
  phases,
} from '@dimgx/core';
import { z } from 'zod';
import { jobKinds, jobRequestSchema } from './job-request.ts';
import { logText } from './log-text.ts';
import { timeSchema } from './rfc3339.ts';

/**
 * The life of a job: `queued`, then `active` while a worker is at it, then one of the others for good. It is
 * `queued` again between two attempts, and then carries the error of the last one.
 */
export const jobStates = ['queued', 'active', 'completed', 'failed', 'cancelled'] as const;

export type JobState = (typeof jobStates)[number];

/** A job in one of these stays in it. */
export const finalStates = ['completed', 'failed', 'cancelled'] as const satisfies readonly JobState[];

export type FinalState = (typeof finalStates)[number];

export function isFinal(state: JobState): state is FinalState {
  return finalStates.some((final) => final === state);
}

export const progressSchema = z.object({
  phase: z.enum(phases),
  bytes: z.int().nonnegative(),
  totalBytes: z.int().nonnegative().optional(),
  entries: z.int().nonnegative(),
});

export const jobErrorSchema = z.object({
  code: z.enum(errorCodes as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  retryable: z.boolean().describe('Whether the same job, submitted again later, can succeed'),
});

/** `ImageReport`, of which readers of records need no more. */
const imageReportSchema = z
  .looseObject({
    image: z.looseObject({ reference: z.string(), digest: z.string() }),
    layers: z.array(z.looseObject({ index: z.int(), id: z.string() })),
  })
  .describe('Of an inspect job: what dimgx inspect --json prints');

/** What a job says of itself: the answer to `GET /v1/jobs/{id}`. */
export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(jobKinds),
  state: z.enum(jobStates),
  request: jobRequestSchema,
  progress: progressSchema.describe('Of the last attempt'),
  result: z
    .union([flattenReportSchema, imageReportSchema])
    .optional()
    .describe('What a finished job found or made'),
  error: jobErrorSchema.optional(),
  attempts: z.int().nonnegative().describe('How often a worker has begun the job'),
  batch: z.string().optional(),
  schedule: z.string().optional(),
  trigger: z.string().optional(),
  retryOf: z.string().optional().describe('The job that this one does again'),
  worker: z.string().optional(),
  createdAt: timeSchema,
  startedAt: timeSchema.optional().describe('Of the last attempt'),
  finishedAt: timeSchema.optional(),
  expiresAt: timeSchema.optional().describe('When the record of the finished job goes'),
});

export type Job = z.output<typeof jobSchema>;
/** What the work of a job gives. */
export type JobResult = FlattenReport | ImageReport;
export type JobError = z.output<typeof jobErrorSchema>;

/** A job with what only the service knows of it. */
export interface JobRecord {
  readonly job: Job;
  /** Names the attempt that holds the job while it is active. */
  readonly attempt: string | undefined;
  /** The `traceparent` of what made the job, where that was traced. */
  readonly trace: string | undefined;
  /** Fields of the request that a newer version wrote and this one does not know; undefined, as there are none. */
  readonly notUnderstood?: readonly string[];
}

/** Before a worker says how far it is. */
export const noProgress: Progress = { phase: 'resolve', bytes: 0, entries: 0 };

/** While a fleet is upgraded, or after it went back, a record may be a newer version's: it is to hide nothing else. */
const storedJobSchema = jobSchema.extend({
  progress: progressSchema.catch(noProgress),
  error: jobErrorSchema.extend({ code: jobErrorSchema.shape.code.catch('INTERNAL') }).optional(),
});

const structured = ['request', 'progress', 'result', 'error'] as const;

/** The record as fields of a Redis hash. */
export function toFields(job: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(job)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
}

/** Reads what `toFields` wrote. */
export function fromFields(fields: Readonly<Record<string, string>>): JobRecord {
  const { attempt, trace, indexes: _indexes, told: _told, ...rest } = fields;
  const values: Record<string, unknown> = { ...rest, attempts: Number(rest.attempts) };
  for (const name of structured) {
    if (rest[name] !== undefined) values[name] = JSON.parse(rest[name]);
  }
  const { request, notUnderstood } = storedRequest(values.request);
  const job = storedJobSchema.parse({ ...values, request });
  return { job, attempt, trace, ...(notUnderstood.length > 0 && { notUnderstood }) };
}

/** A request without what is not understood of it, and the names of that. */
function storedRequest(value: unknown): { request: unknown; notUnderstood: string[] } {
  if (typeof value !== 'object' || value === null || jobRequestSchema.safeParse(value).success) {
    return { request: value, notUnderstood: [] };
  }
  const known: Readonly<Record<string, z.ZodType>> = jobRequestSchema.shape;
  const isUnderstood = (name: string, field: unknown) => known[name]?.safeParse(field).success === true;
  const fields = Object.entries(value);
  return {
    request: Object.fromEntries(fields.filter(([name, field]) => isUnderstood(name, field))),
    notUnderstood: fields.filter(([name, field]) => !isUnderstood(name, field)).map(([name]) => name),
  };
}

/** An error as a job's record keeps it. */
export function jobErrorOf({ code, message, retryable }: DimgxError): JobError {
  return { code, message: logText(message), retryable };
}
