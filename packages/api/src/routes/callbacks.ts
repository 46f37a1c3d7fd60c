import { type Callbacks, callbackEndpointSchema, callbackSchema } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';
import { addDeliveryRoutes } from './deliveries.ts';

export interface CallbackRoutes {
  readonly callbacks: Omit<Callbacks, 'close'>;
}

const secret = z.string().describe('Told this once: receivers verify signatures with it');
const parameters = z.object({ id: z.string() });
const newEndpointSchema = callbackEndpointSchema.extend({ secret }).meta({ id: 'NewCallbackEndpoint' });
const tags = ['callbacks'];

/** The endpoints that callbacks are sent to. */
export function addCallbackRoutes(app: Api, { callbacks }: CallbackRoutes): void {
  app.route({
    method: 'POST',
    url: '/callbacks',
    config: { scope: 'manage' },
    schema: {
      operationId: 'registerCallback',
      tags,
      summary: 'Register an endpoint for callbacks',
      description: 'Needed only for its secret: a job registers the endpoint of its callback by itself.',
      body: callbackSchema,
      response: {
        200: callbackEndpointSchema.describe('It is registered already'),
        201: newEndpointSchema,
        ...problemResponses('REQUEST_INVALID', 'UNAUTHORIZED', 'ADDRESS_REFUSED', 'LIMIT_EXCEEDED'),
        ...problemResponses('REDIS_UNREACHABLE'),
      },
    },
    async handler({ body, log }, reply) {
      const { endpoint, secret } = await callbacks.register(body.url);
      if (secret === undefined) return reply.code(200).send(endpoint);
      log.info({ callback: endpoint.id, url: endpoint.url }, 'callback endpoint registered');
      return reply
        .code(201)
        .header('location', `/v1/callbacks/${endpoint.id}`)
        .send({ ...endpoint, secret });
    },
  });

  app.route({
    method: 'GET',
    url: '/callbacks',
    config: { scope: 'manage' },
    schema: {
      operationId: 'listCallbacks',
      tags,
      summary: 'All endpoints, oldest first',
      response: {
        200: z.object({ items: z.array(callbackEndpointSchema) }),
        ...problemResponses('UNAUTHORIZED', 'REDIS_UNREACHABLE'),
      },
    },
    handler: async () => ({ items: await callbacks.list() }),
  });

  const ofOne = problemResponses('UNAUTHORIZED', 'CALLBACK_NOT_FOUND', 'REDIS_UNREACHABLE');

  app.route({
    method: 'GET',
    url: '/callbacks/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'getCallback',
      tags,
      summary: 'One endpoint',
      params: parameters,
      response: { 200: callbackEndpointSchema, ...ofOne },
    },
    handler: ({ params }) => callbacks.find(params.id),
  });

  app.route({
    method: 'DELETE',
    url: '/callbacks/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'deleteCallback',
      tags,
      summary: 'Forget an endpoint, with what was still to be sent to it',
      params: parameters,
      response: { 204: z.undefined(), ...ofOne },
    },
    async handler({ params, log }, reply) {
      await callbacks.forget(params.id);
      log.info({ callback: params.id }, 'callback endpoint deleted');
      return reply.code(204).send();
    },
  });

  app.route({
    method: 'POST',
    url: '/callbacks/:id/rotate',
    config: { scope: 'manage' },
    schema: {
      operationId: 'rotateCallbackSecret',
      tags,
      summary: 'A new secret',
      description: 'For a day the one before it signs too: each request then carries both signatures.',
      params: parameters,
      response: { 200: z.object({ secret }), ...ofOne },
    },
    async handler({ params, log }) {
      const fresh = await callbacks.rotate(params.id);
      log.info({ callback: params.id }, 'callback secret changed');
      return { secret: fresh };
    },
  });

  app.route({
    method: 'POST',
    url: '/callbacks/:id/enable',
    config: { scope: 'manage' },
    schema: {
      operationId: 'enableCallback',
      tags,
      summary: 'Send again to an endpoint that had answered 410',
      params: parameters,
      response: { 200: callbackEndpointSchema, ...ofOne },
    },
    handler: ({ params }) => callbacks.enable(params.id),
  });

  addDeliveryRoutes(app, callbacks);
}
