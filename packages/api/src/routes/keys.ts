import { type ApiKeys, apiKeyRequestSchema, apiKeySchema } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';

export interface KeyRoutes {
  readonly keys: Pick<ApiKeys, 'create' | 'list' | 'find' | 'revoke'>;
}

const parameters = z.object({ id: z.string() });
const newKeySchema = apiKeySchema
  .extend({ key: z.string().describe('Told this once: nobody can look it up') })
  .meta({ id: 'NewApiKey' });
const tags = ['keys'];
const config = { scope: 'admin' } as const;

/** Who may use the service. */
export function addKeyRoutes(app: Api, { keys }: KeyRoutes): void {
  app.route({
    method: 'POST',
    url: '/keys',
    config,
    schema: {
      operationId: 'createKey',
      tags,
      summary: 'Make an API key',
      body: apiKeyRequestSchema,
      response: {
        201: newKeySchema,
        ...problemResponses('REQUEST_INVALID', 'LIMIT_EXCEEDED'),
      },
    },
    async handler({ body, client, log }, reply) {
      const { apiKey, text } = await keys.create(body);
      log.info({ apiKey: apiKey.id, scopes: apiKey.scopes, by: client }, 'API key made');
      reply.header('location', `/v1/keys/${apiKey.id}`).header('cache-control', 'no-store');
      return reply.code(201).send({ ...apiKey, key: text });
    },
  });

  app.route({
    method: 'GET',
    url: '/keys',
    config,
    schema: {
      operationId: 'listKeys',
      tags,
      summary: 'All API keys, oldest first',
      response: { 200: z.object({ items: z.array(apiKeySchema) }) },
    },
    handler: async () => ({ items: await keys.list() }),
  });

  app.route({
    method: 'GET',
    url: '/keys/:id',
    config,
    schema: {
      operationId: 'getKey',
      tags,
      summary: 'One API key',
      params: parameters,
      response: { 200: apiKeySchema, ...problemResponses('KEY_NOT_FOUND') },
    },
    handler: ({ params }) => keys.find(params.id),
  });

  app.route({
    method: 'DELETE',
    url: '/keys/:id',
    config,
    schema: {
      operationId: 'revokeKey',
      tags,
      summary: 'Revoke an API key',
      description: 'From the answer on it opens nothing, at any API of the service. Its jobs go on.',
      params: parameters,
      response: { 204: z.undefined(), ...problemResponses('KEY_NOT_FOUND') },
    },
    async handler({ params, client, log }, reply) {
      await keys.revoke(params.id);
      log.info({ apiKey: params.id, by: client }, 'API key revoked');
      return reply.code(204).send();
    },
  });
}
