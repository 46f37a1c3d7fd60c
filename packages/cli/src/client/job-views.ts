import { errorCodes, type Progress, phases } from '@dimgx/core';
import { z } from 'zod';

export const progressViewSchema = z.object({
  phase: z.enum(phases),
  bytes: z.number(),
  totalBytes: z.number().optional(),
  entries: z.number(),
});

/** As the engine tells it. */
export function progressOf({
  phase,
  bytes,
  totalBytes,
  entries,
}: z.output<typeof progressViewSchema>): Progress {
  return totalBytes === undefined ? { phase, bytes, entries } : { phase, bytes, totalBytes, entries };
}

/** What the client reads of a job; the service may tell more. */
export const jobViewSchema = z.looseObject({
  id: z.string(),
  state: z.enum(['queued', 'active', 'completed', 'failed', 'cancelled']),
  progress: progressViewSchema.optional(),
  result: z.unknown().optional(),
  error: z.looseObject({ code: z.enum(errorCodes), message: z.string() }).optional(),
});

export type JobView = z.output<typeof jobViewSchema>;

/** A job of a list. */
export const listedJobViewSchema = jobViewSchema.extend({
  request: z.looseObject({ image: z.string() }),
  createdAt: z.string(),
});

export type ListedJobView = z.output<typeof listedJobViewSchema>;

export const jobPageSchema = z.object({
  items: z.array(listedJobViewSchema),
  nextCursor: z.string().optional(),
});

/** What the client reads of a line of a job's log. */
export const logLineViewSchema = z.looseObject({
  id: z.string(),
  at: z.string(),
  level: z.string(),
  phase: z.string().optional(),
  message: z.string(),
});

export type LogLineView = z.output<typeof logLineViewSchema>;

export const logPageSchema = z.object({
  items: z.array(logLineViewSchema),
  nextCursor: z.string().optional(),
});

/** Whether the job stays as it is. */
export function hasEnded({ state }: JobView): boolean {
  return state !== 'queued' && state !== 'active';
}
