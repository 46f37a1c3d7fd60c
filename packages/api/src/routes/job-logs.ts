import { DimgxError, phases } from '@dimgx/core';
import { isJournalId, type JobQueue, logLineSchema } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { jobId, jobParameters } from './jobs.ts';

export interface JobLogRoutes {
  readonly queue: Pick<JobQueue, 'logs'>;
}

const most = 1000;

const logQuery = z.strictObject({
  phase: z.enum(phases).optional().describe('Only lines of this phase'),
  limit: z.coerce.number().int().min(1).max(most).default(most).describe('How many at the most'),
  cursor: z
    .string()
    .optional()
    .describe('A nextCursor, or the id of a line: only what comes after it, as while following a log'),
});

export function addJobLogRoutes(app: Api, { queue }: JobLogRoutes): void {
  app.route({
    method: 'GET',
    url: '/jobs/:id/logs',
    config: { scope: 'read' },
    schema: {
      operationId: 'getJobLogs',
      tags: ['jobs'],
      summary: 'What happened to a job, oldest first',
      description: `State changes and what its attempts told. Of more than ${most} lines the oldest are gone.`,
      params: jobParameters,
      querystring: logQuery,
      response: {
        200: z.object({ items: z.array(logLineSchema), nextCursor: z.string().optional() }),
        ...problemResponses(
          ...(['REQUEST_INVALID', 'UNAUTHORIZED', 'JOB_NOT_FOUND'] as const),
          ...(['LOGS_EXPIRED', 'REDIS_UNREACHABLE'] as const),
        ),
      },
    },
    async handler({ params, query: { phase, limit, cursor } }) {
      if (cursor !== undefined && !isJournalId(cursor)) {
        throw new DimgxError('REQUEST_INVALID', 'cursor: must be a nextCursor, or the id of a line');
      }
      const lines = await queue.logs(jobId(params.id), limit, cursor);
      const nextCursor = lines.length === limit ? lines.at(-1)?.id : undefined;
      return { items: lines.filter((line) => phase === undefined || line.phase === phase), nextCursor };
    },
  });
}
