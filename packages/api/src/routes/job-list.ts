import { DimgxError } from '@dimgx/core';
import { isJobId, type JobFilter, type JobQueue, jobStates, listedJobSchema } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';

export interface JobListRoutes {
  readonly queue: Pick<JobQueue, 'list'>;
}

const label = z.string().regex(/^[^=]+=/, 'must be NAME=VALUE');

/** The query of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('How many at the most'),
  cursor: z.string().optional().describe('The nextCursor of the page before'),
};

/** What jobs may be chosen by, wherever they are listed. */
export const jobQuery = {
  state: z.enum(jobStates).optional(),
  image: z.string().optional().describe('As the request names it'),
  label: z
    .union([label, z.array(label).max(64)])
    .optional()
    .describe('NAME=VALUE; given several times, all must be there'),
  ...pageQuery,
};

export const jobPageSchema = z
  .object({
    items: z.array(listedJobSchema).describe('Without their results'),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'JobPage' });

const listQuery = z.strictObject({
  ...jobQuery,
  batch: z.string().optional(),
  schedule: z.string().optional(),
  trigger: z.string().optional(),
});

export function addJobListRoutes(app: Api, { queue }: JobListRoutes): void {
  app.route({
    method: 'GET',
    url: '/jobs',
    config: { scope: 'read' },
    schema: {
      operationId: 'listJobs',
      tags: ['jobs'],
      summary: 'Jobs, newest first',
      description:
        'A page may have fewer jobs than its limit, even none, while others follow: only without a nextCursor is it the last.',
      querystring: listQuery,
      response: {
        200: jobPageSchema,
        ...problemResponses('REQUEST_INVALID', 'UNAUTHORIZED', 'REDIS_UNREACHABLE'),
      },
    },
    handler: ({ query }) => listJobs(queue, query),
  });
}

/** A page of the jobs that a query chooses. Throws `REQUEST_INVALID` for a cursor that is none. */
export async function listJobs(
  queue: Pick<JobQueue, 'list'>,
  { limit, cursor, label, ...others }: z.output<typeof listQuery>,
): Promise<z.output<typeof jobPageSchema>> {
  const filter: JobFilter = { ...others, labels: [label ?? []].flat().map(nameAndValue) };
  const { jobs, next } = await queue.list(filter, limit, cursorOf(cursor));
  return { items: [...jobs], nextCursor: next };
}

/** Lists go by ids of jobs, or such that are made like them. Throws `REQUEST_INVALID` for a cursor that is none. */
export function cursorOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined || isJobId(cursor)) return cursor;
  throw new DimgxError('REQUEST_INVALID', 'cursor: must be the nextCursor of a page');
}

function nameAndValue(text: string): { name: string; value: string } {
  const at = text.indexOf('=');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}
