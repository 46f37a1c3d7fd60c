import { DimgxError } from '@dimgx/core';
import { idempotencyOf, isJobId, type Job, type JobQueue, jobRequestSchema, jobSchema } from '@dimgx/queue';
import { z } from 'zod';
import { type Admission, admissionFaults, admit } from '../admission.ts';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';

const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, 'must be 1 to 255 printable ASCII characters')
  .describe('Makes repeats of a request within a day one job');

export const idempotentHeaders = z.looseObject({ 'idempotency-key': idempotencyKey.optional() });

export const jobParameters = z.object({ id: z.string() });

export interface JobRoutes extends Admission {
  readonly queue: Pick<JobQueue, 'submit' | 'find'>;
}

export function addJobRoutes(app: Api, { queue, ...admission }: JobRoutes): void {
  app.route({
    method: 'POST',
    url: '/jobs',
    config: { scope: 'submit' },
    schema: {
      operationId: 'submitJob',
      tags: ['jobs'],
      summary: 'Submit one image',
      headers: idempotentHeaders,
      body: jobRequestSchema,
      response: {
        202: jobSchema.describe('The job; Location says where to follow it'),
        ...problemResponses(
          ...(['REQUEST_INVALID', 'UNAUTHORIZED', ...admissionFaults] as const),
          ...([
            'BODY_TOO_LARGE',
            'MEDIA_TYPE_UNSUPPORTED',
            'IDEMPOTENCY_MISMATCH',
            'REDIS_UNREACHABLE',
          ] as const),
        ),
      },
    },
    async handler({ body, headers, client, trace, log }, reply) {
      await admit(body, admission);
      const key = headers['idempotency-key'];
      const idempotency = key === undefined ? undefined : idempotencyOf(client, key, body);
      const job = await queue.submit(body, { idempotency, owner: client, trace });
      log.info({ job: job.id, kind: job.kind, image: body.image }, 'job accepted');
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job);
    },
  });

  app.route({
    method: 'GET',
    url: '/jobs/:id',
    config: { scope: 'read' },
    schema: {
      operationId: 'getJob',
      tags: ['jobs'],
      summary: 'How a job stands',
      params: jobParameters,
      response: { 200: jobSchema, ...problemResponses('UNAUTHORIZED', 'JOB_NOT_FOUND', 'REDIS_UNREACHABLE') },
    },
    handler: ({ params }) => findJob(queue, params.id),
  });
}

/** Throws `JOB_NOT_FOUND`. */
export async function findJob(queue: Pick<JobQueue, 'find'>, id: string): Promise<Job> {
  return queue.find(jobId(id));
}

/** The text, if it can be a job's id. Throws `JOB_NOT_FOUND`. */
export function jobId(id: string): string {
  if (isJobId(id)) return id;
  throw new DimgxError('JOB_NOT_FOUND', `${JSON.stringify(id.slice(0, 40))} is no job's id`);
}
