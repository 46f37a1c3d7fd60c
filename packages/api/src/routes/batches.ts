import { DimgxError } from '@dimgx/core';
import { type Batches, batchRequestSchema, batchSchema, idempotencyOf, isJobId } from '@dimgx/queue';
import { validatorCompiler } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { type Admission, admissionFaults } from '../admission.ts';
import type { Api } from '../api.ts';
import { admitBatch } from '../batch-admission.ts';
import { problemOfItems, sendProblem } from '../faults.ts';
import { problemResponses, statuses } from '../problems.ts';
import { cursorOf, pageQuery } from './job-list.ts';
import { idempotentHeaders } from './jobs.ts';

export interface BatchRoutes extends Admission {
  readonly batches: Pick<Batches, 'submit' | 'find' | 'list'>;
}

/** Ten thousand images with long names, or as many jobs of the usual size. */
const bodyLimit = 16 * 1024 * 1024;

/** A body is read item by item by the handler: all at once it would keep everybody else waiting. */
const leaveBody: typeof validatorCompiler = (part) =>
  part.httpPart === 'body' ? (value) => ({ value }) : validatorCompiler(part);

export const batchParameters = z.object({ id: z.string() });
const tags = ['batches'];

export function addBatchRoutes(app: Api, { batches, ...admission }: BatchRoutes): void {
  app.register(async (scope: Api) => {
    scope.setValidatorCompiler(leaveBody);
    addSubmission(scope, { batches, ...admission });
  });

  app.route({
    method: 'GET',
    url: '/batches',
    config: { scope: 'read' },
    schema: {
      operationId: 'listBatches',
      tags,
      summary: 'Batches, newest first',
      querystring: z.strictObject(pageQuery),
      response: {
        200: z.object({ items: z.array(batchSchema), nextCursor: z.string().optional() }),
        ...problemResponses('REQUEST_INVALID'),
      },
    },
    async handler({ query: { limit, cursor } }) {
      const { batches: items, next } = await batches.list(limit, cursorOf(cursor));
      return { items: [...items], nextCursor: next };
    },
  });

  app.route({
    method: 'GET',
    url: '/batches/:id',
    config: { scope: 'read' },
    schema: {
      operationId: 'getBatch',
      tags,
      summary: 'How a batch stands',
      params: batchParameters,
      response: { 200: batchSchema, ...problemResponses('BATCH_NOT_FOUND') },
    },
    handler: ({ params }) => batches.find(batchId(params.id)),
  });
}

function addSubmission(app: Api, { batches, ...admission }: BatchRoutes): void {
  app.route({
    method: 'POST',
    url: '/batches',
    config: { scope: 'submit' },
    bodyLimit,
    schema: {
      operationId: 'submitBatch',
      tags,
      summary: 'Submit many images',
      description:
        'All of it is taken in, or nothing. Items that ask for the same are one job. Of items at fault the first 20 ' +
        'are told, each with its place; the code and status are those of the first.',
      headers: idempotentHeaders,
      body: batchRequestSchema,
      response: {
        202: batchSchema.describe('The batch; Location says where to follow it'),
        ...problemResponses(
          ...(['REQUEST_INVALID', ...admissionFaults] as const),
          ...(['BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async handler(request, reply) {
      const { headers, client, trace, log } = request;
      const body: unknown = request.body;
      const admitted = await admitBatch(body, admission);
      if ('faults' in admitted) {
        const [first] = admitted.faults;
        const problem = problemOfItems(first?.code ?? 'REQUEST_INVALID', admitted.faults);
        return sendProblem({ ...problem, status: statuses[problem.code] }, request, reply);
      }
      const { requests, duplicates, callback } = admitted.batch;
      const key = headers['idempotency-key'];
      const idempotency =
        key === undefined ? undefined : idempotencyOf(client, key, z.object().loose().parse(body));
      const items = requests.map((each) => ({ request: each }));
      const submission = { duplicates, callback, idempotency, owner: client, trace };
      const { batch, isNew } = await batches.submit(items, submission);
      if (isNew) log.info({ batch: batch.id, jobs: batch.total }, 'batch accepted');
      return reply.code(202).header('location', `/v1/batches/${batch.id}`).send(batch);
    },
  });
}

/** The text, if it can be a batch's id. Throws `BATCH_NOT_FOUND`. */
export function batchId(id: string): string {
  if (isJobId(id)) return id;
  throw new DimgxError('BATCH_NOT_FOUND', `${JSON.stringify(id.slice(0, 40))} is no batch's id`);
}
