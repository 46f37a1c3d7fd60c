import { type Batches, batchSchema, idempotencyOf } from '@dimgx/queue';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { batchId, batchParameters } from './batches.ts';
import { idempotentHeaders } from './jobs.ts';

export interface BatchChangeRoutes {
  readonly batches: Pick<Batches, 'cancel' | 'retry'>;
}

const tags = ['batches'];

/** What can be done to a batch that is there. */
export function addBatchChangeRoutes(app: Api, { batches }: BatchChangeRoutes): void {
  app.route({
    method: 'DELETE',
    url: '/batches/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'cancelBatch',
      tags,
      summary: 'Cancel all jobs of a batch that have not ended',
      description: 'It is cancelled at once, its jobs one after the other: those being worked on first.',
      params: batchParameters,
      response: {
        200: batchSchema.describe('It was cancelled before'),
        202: batchSchema,
        ...problemResponses('BATCH_NOT_FOUND', 'BATCH_FINISHED'),
      },
    },
    async handler({ params, log }, reply) {
      const { batch, isNew } = await batches.cancel(batchId(params.id));
      if (isNew) log.info({ batch: batch.id }, 'batch to be cancelled');
      return reply.code(isNew ? 202 : 200).send(batch);
    },
  });

  app.route({
    method: 'POST',
    url: '/batches/:id/retry',
    config: { scope: 'submit' },
    schema: {
      operationId: 'retryBatch',
      tags,
      summary: 'Do the failed jobs of a batch again',
      description: 'A new batch of new jobs with the same requests; the old ones stay as they are.',
      headers: idempotentHeaders,
      params: batchParameters,
      response: {
        202: batchSchema.describe(
          'The new batch, whose retryOf names the old one; Location says where it is',
        ),
        ...problemResponses(
          ...(['REQUEST_INVALID', 'BATCH_NOT_FOUND', 'BATCH_NOT_FINISHED'] as const),
          ...(['NOTHING_FAILED', 'IDEMPOTENCY_MISMATCH'] as const),
        ),
      },
    },
    async handler({ params, headers, client, trace, log }, reply) {
      const id = batchId(params.id);
      const key = headers['idempotency-key'];
      const idempotency = key === undefined ? undefined : idempotencyOf(client, key, { retryOf: id });
      const batch = await batches.retry(id, { idempotency, owner: client, trace });
      log.info({ batch: batch.id, retryOf: id, jobs: batch.total }, 'batch to be done again');
      return reply.code(202).header('location', `/v1/batches/${batch.id}`).send(batch);
    },
  });
}
