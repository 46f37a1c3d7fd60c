import { type Callbacks, callbackDeliverySchema, isJobId } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { pageQuery } from './job-list.ts';

const parameters = z.object({ id: z.string() });
const deliveryParameters = parameters.extend({ delivery: z.string() });
const page = z.strictObject({
  ...pageQuery,
  cursor: z.string().refine(isJobId, 'must be the nextCursor of the page before').optional(),
});
const tags = ['callbacks'];

/** What was sent to an endpoint, and what is still to be. */
export function addDeliveryRoutes(
  app: Api,
  callbacks: Pick<Callbacks, 'ping' | 'deliveries' | 'delivery' | 'redeliver'>,
): void {
  app.route({
    method: 'POST',
    url: '/callbacks/:id/ping',
    config: { scope: 'manage' },
    schema: {
      operationId: 'pingCallback',
      tags,
      summary: 'Send an event that tells nothing, to try the endpoint',
      params: parameters,
      response: {
        202: callbackDeliverySchema.describe('Location says where to see what became of it'),
        ...problemResponses('UNAUTHORIZED', 'CALLBACK_NOT_FOUND', 'REDIS_UNREACHABLE'),
      },
    },
    async handler({ params }, reply) {
      const delivery = await callbacks.ping(params.id);
      const location = `/v1/callbacks/${params.id}/deliveries/${delivery.id}`;
      return reply.code(202).header('location', location).send(delivery);
    },
  });

  app.route({
    method: 'GET',
    url: '/callbacks/:id/deliveries',
    config: { scope: 'manage' },
    schema: {
      operationId: 'listDeliveries',
      tags,
      summary: 'The delivery log of an endpoint, newest first',
      params: parameters,
      querystring: page,
      response: {
        200: z.object({ items: z.array(callbackDeliverySchema), nextCursor: z.string().optional() }),
        ...problemResponses('REQUEST_INVALID', 'UNAUTHORIZED', 'CALLBACK_NOT_FOUND', 'REDIS_UNREACHABLE'),
      },
    },
    handler: ({ params, query }) => callbacks.deliveries(params.id, query.limit, query.cursor),
  });

  const ofOne = problemResponses('UNAUTHORIZED', 'DELIVERY_NOT_FOUND', 'REDIS_UNREACHABLE');

  app.route({
    method: 'GET',
    url: '/callbacks/:id/deliveries/:delivery',
    config: { scope: 'manage' },
    schema: {
      operationId: 'getDelivery',
      tags,
      summary: 'What became of one delivery',
      params: deliveryParameters,
      response: { 200: callbackDeliverySchema, ...ofOne },
    },
    handler: ({ params }) => callbacks.delivery(params.id, params.delivery),
  });

  app.route({
    method: 'POST',
    url: '/callbacks/:id/deliveries/:delivery/redeliver',
    config: { scope: 'manage' },
    schema: {
      operationId: 'retryDelivery',
      tags,
      summary: 'Deliver again now, under the same webhook-id',
      params: deliveryParameters,
      response: { 202: callbackDeliverySchema, ...ofOne },
    },
    async handler({ params }, reply) {
      return reply.code(202).send(await callbacks.redeliver(params.id, params.delivery));
    },
  });
}
