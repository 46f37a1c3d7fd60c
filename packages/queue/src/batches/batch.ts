import { z } from 'zod';
import { callbackSchema } from '../callbacks/callback-request.ts';
import { jobRequestSchema } from '../job-request.ts';
import { timeSchema } from '../rfc3339.ts';
import { retriesPrefix } from './batch-keys.ts';

/** How many jobs a batch may have. */
export const maxBatchJobs = 10_000;

const { image, destination: _, ...common } = jobRequestSchema.shape;

/** What the images of a batch have in common: a job's request without its image, and without a place for just one. */
export const batchTemplateSchema = z.strictObject(common);

const shared = {
  callback: callbackSchema.optional().describe('Where to send a signed webhook when all jobs have ended'),
};

/** The body of `POST /v1/batches`; `readBatch` checks it item by item. */
export const batchRequestSchema = z.union([
  z.strictObject({
    images: z.array(image).min(1).max(maxBatchJobs).describe('Image references'),
    template: batchTemplateSchema.optional().describe('What holds for all of them, as in POST /v1/jobs'),
    ...shared,
  }),
  z.strictObject({
    jobs: z.array(jobRequestSchema).min(1).max(maxBatchJobs).describe('Each as for POST /v1/jobs'),
    ...shared,
  }),
]);

/** `cancelled`: from the wish on, while its last jobs may still be stopping. */
export const batchStates = ['running', 'finished', 'cancelled'] as const;

const count = z.int().nonnegative();
/** What a batch says of itself: the answer to `GET /v1/batches/{id}`. */
export const batchSchema = z.object({
  id: z.string(),
  state: z.enum(batchStates),
  total: count.describe('How many jobs it has'),
  duplicates: count.describe('Items that asked for what another one asked for, and got no job of their own'),
  counts: z
    .object({ queued: count, active: count, completed: count, failed: count, cancelled: count })
    .describe('Its jobs by state; those still to be made are among the queued'),
  retries: z
    .record(z.string(), count)
    .optional()
    .describe(
      'How often jobs were begun again, by the code of why the attempt before ended; none if they were not',
    ),
  callback: callbackSchema.optional(),
  schedule: z.string().optional(),
  retryOf: z.string().optional().describe('The batch whose failed jobs this one does again'),
  createdAt: timeSchema,
  finishedAt: timeSchema.optional().describe('When its last job had ended'),
});

export type Batch = z.output<typeof batchSchema>;

/** A job that a batch is to have. */
export const batchItemSchema = z.object({
  request: jobRequestSchema,
  retryOf: z.string().optional().describe('The job that it does again'),
});

export type BatchItem = z.output<typeof batchItemSchema>;

const counted = ['active', 'completed', 'failed', 'cancelled'] as const;

/** A batch's record as fields of a Redis hash; its counts and retries are the scripts'. */
export function batchFields({ callback, counts: _counts, retries: _retries, ...plain }: Batch): string[] {
  const given = Object.entries({ ...plain, callback: callback && JSON.stringify(callback) });
  return given.flatMap(([name, value]) => (value === undefined ? [] : [name, String(value)]));
}

/** Reads a batch's Redis hash; undefined if there is none. */
export function batchOf(fields: Readonly<Record<string, string>>): Batch | undefined {
  const { id, callback, total, duplicates } = fields;
  if (id === undefined) return undefined;
  const counts = Object.fromEntries(counted.map((state) => [state, Number(fields[state] ?? 0)]));
  const retries = Object.entries(fields).flatMap(([name, times]) =>
    name.startsWith(retriesPrefix) ? [[name.slice(retriesPrefix.length), Number(times)] as const] : [],
  );
  const begun = Object.values(counts).reduce((sum, each) => sum + each, 0);
  return batchSchema.parse({
    ...fields,
    total: Number(total),
    duplicates: Number(duplicates),
    counts: { ...counts, queued: Number(total) - begun },
    retries: retries.length === 0 ? undefined : Object.fromEntries(retries),
    callback: callback === undefined ? undefined : JSON.parse(callback),
  });
}
