import { errorCodes, phases } from '@dimgx/core';
import { z } from 'zod';

/** What the client reads of a job; the service may tell more. */
export const jobViewSchema = z.looseObject({
  id: z.string(),
  state: z.enum(['queued', 'active', 'completed', 'failed', 'cancelled']),
  progress: z
    .object({
      phase: z.enum(phases),
      bytes: z.number(),
      totalBytes: z.number().optional(),
      entries: z.number(),
    })
    .optional(),
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
