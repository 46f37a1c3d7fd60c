import { flattenReportSchema } from '@dimgx/core';
import type { Batches, JobQueue } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { batchId, batchParameters } from './batches.ts';
import { cursorOf, jobPageSchema, jobQuery, listJobs, pageQuery } from './job-list.ts';

export interface BatchJobRoutes {
  readonly batches: Pick<Batches, 'find'>;
  readonly queue: Pick<JobQueue, 'list' | 'find'>;
}

const tags = ['batches'];

const batchArtifactSchema = z
  .object({
    job: z.string(),
    image: flattenReportSchema.shape.image,
    artifact: flattenReportSchema.shape.artifact,
    cached: z.boolean(),
  })
  .meta({ id: 'BatchArtifact' });

/** What a batch is made of, and what came of it. */
export function addBatchJobRoutes(app: Api, { batches, queue }: BatchJobRoutes): void {
  app.route({
    method: 'GET',
    url: '/batches/:id/jobs',
    config: { scope: 'read' },
    schema: {
      operationId: 'listBatchJobs',
      tags,
      summary: 'Jobs of a batch, newest first',
      params: batchParameters,
      querystring: z.strictObject(jobQuery),
      response: { 200: jobPageSchema, ...problemResponses('REQUEST_INVALID', 'BATCH_NOT_FOUND') },
    },
    async handler({ params, query }) {
      const { id } = await batches.find(batchId(params.id));
      return listJobs(queue, { ...query, batch: id });
    },
  });

  app.route({
    method: 'GET',
    url: '/batches/:id/artifacts',
    config: { scope: 'read' },
    schema: {
      operationId: 'listBatchArtifacts',
      tags,
      summary: 'What the completed jobs of a batch made, newest first',
      description: 'The bytes are at /v1/jobs/JOB/artifact.',
      params: batchParameters,
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.object({ items: z.array(batchArtifactSchema), nextCursor: z.string().optional() }),
        ...problemResponses('REQUEST_INVALID', 'BATCH_NOT_FOUND'),
      },
    },
    async handler({ params, query: { limit, cursor } }) {
      const { id } = await batches.find(batchId(params.id));
      const filter = { batch: id, state: 'completed' } as const;
      const { jobs, next } = await queue.list(filter, limit, cursorOf(cursor));
      const items = await Promise.all(jobs.map((job) => artifactOf(queue, job.id)));
      return { items: items.filter((item) => item !== undefined), nextCursor: next };
    },
  });
}

/** Undefined for a job that made none. */
async function artifactOf(
  queue: Pick<JobQueue, 'find'>,
  job: string,
): Promise<z.output<typeof batchArtifactSchema> | undefined> {
  const { result } = await queue.find(job);
  const report = flattenReportSchema.safeParse(result);
  if (!report.success) return undefined;
  const { image, artifact, cached } = report.data;
  return { job, image, artifact, cached };
}
