import { z } from 'zod';

/** What the client reads of a batch; the service may tell more. */
export const batchViewSchema = z.looseObject({
  id: z.string(),
  state: z.enum(['running', 'finished', 'cancelled']),
  total: z.number(),
  counts: z.object({
    queued: z.number(),
    active: z.number(),
    completed: z.number(),
    failed: z.number(),
    cancelled: z.number(),
  }),
  createdAt: z.string(),
  finishedAt: z.string().optional(),
});

export type BatchView = z.output<typeof batchViewSchema>;

export const batchPageSchema = z.object({
  items: z.array(batchViewSchema),
  nextCursor: z.string().optional(),
});
