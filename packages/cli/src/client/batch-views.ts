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

/** What a job of a batch has made. */
export const batchArtifactViewSchema = z.looseObject({
  job: z.string(),
  image: z.looseObject({ reference: z.string() }),
  artifact: z.looseObject({ key: z.string() }),
});

export type BatchArtifactView = z.output<typeof batchArtifactViewSchema>;

export const batchArtifactPageSchema = z.object({
  items: z.array(batchArtifactViewSchema),
  nextCursor: z.string().optional(),
});

export const batchPageSchema = z.object({
  items: z.array(batchViewSchema),
  nextCursor: z.string().optional(),
});
