import { idempotencyOf, type JobQueue, jobSchema } from '@dimgx/queue';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { idempotentHeaders, jobId, jobParameters } from './jobs.ts';

export interface JobChangeRoutes {
  readonly queue: Pick<JobQueue, 'cancel' | 'retry'>;
}

/** What can be done to a job that is there. */
export function addJobChangeRoutes(app: Api, { queue }: JobChangeRoutes): void {
  app.route({
    method: 'DELETE',
    url: '/jobs/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'cancelJob',
      tags: ['jobs'],
      summary: 'Cancel a job',
      description:
        'It is cancelled at once; a worker that is at it stops within two seconds and leaves nothing.',
      params: jobParameters,
      response: {
        200: jobSchema.describe('It was cancelled before'),
        202: jobSchema.describe('It was waiting or being worked on'),
        ...problemResponses('UNAUTHORIZED', 'JOB_NOT_FOUND', 'JOB_FINISHED', 'REDIS_UNREACHABLE'),
      },
    },
    async handler({ params, log }, reply) {
      const { job, isNew } = await queue.cancel(jobId(params.id));
      if (isNew) log.info({ job: job.id }, 'job cancelled');
      return reply.code(isNew ? 202 : 200).send(job);
    },
  });

  app.route({
    method: 'POST',
    url: '/jobs/:id/retry',
    config: { scope: 'submit' },
    schema: {
      operationId: 'retryJob',
      tags: ['jobs'],
      summary: 'Do a job again that has ended',
      description: 'A new job with the same request; the old one stays as it is.',
      headers: idempotentHeaders,
      params: jobParameters,
      response: {
        202: jobSchema.describe(
          'The new job, whose retryOf names the old one; Location says where to follow it',
        ),
        ...problemResponses(
          ...(['REQUEST_INVALID', 'UNAUTHORIZED', 'JOB_NOT_FOUND', 'JOB_NOT_FINISHED'] as const),
          ...(['IDEMPOTENCY_MISMATCH', 'REDIS_UNREACHABLE'] as const),
        ),
      },
    },
    async handler({ params, headers, client, trace, log }, reply) {
      const id = jobId(params.id);
      const key = headers['idempotency-key'];
      const idempotency = key === undefined ? undefined : idempotencyOf(client, key, { retryOf: id });
      const job = await queue.retry(id, { idempotency, owner: client, trace });
      log.info({ job: job.id, retryOf: id }, 'job to be done again');
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job);
    },
  });
}
