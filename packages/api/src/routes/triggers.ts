import {
  exampleRequest,
  type Triggers,
  triggerLogSchema,
  triggerRequestSchema,
  triggerSchema,
} from '@dimgx/queue';
import { z } from 'zod';
import { type Admission, admissionFaults, admit } from '../admission.ts';
import type { Api } from '../api.ts';
import { problemResponses } from '../problems.ts';

export interface TriggerRoutes extends Admission {
  readonly triggers: Pick<Triggers, 'put' | 'find' | 'list' | 'forget'>;
}

const tags = ['triggers'];
const parameters = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a-z, 0-9 and "-", 63 at the most'),
});
const hook = z.string().describe('Where the registry is to send its webhooks');
const putSchema = z
  .object({
    trigger: triggerSchema,
    hook,
    secret: z.string().optional().describe('One that was made up, told this once'),
  })
  .meta({ id: 'PutTrigger' });

export function addTriggerRoutes(app: Api, { triggers, ...admission }: TriggerRoutes): void {
  app.route({
    method: 'PUT',
    url: '/triggers/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'putTrigger',
      tags,
      summary: 'Make a trigger, or change it',
      description: 'Without a secret the one that it has stays, and a new trigger gets one made up.',
      params: parameters,
      body: triggerRequestSchema,
      response: {
        200: putSchema.describe('It was there and is changed'),
        201: putSchema,
        ...problemResponses(
          ...(['REQUEST_INVALID', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED', ...admissionFaults] as const),
        ),
      },
    },
    async handler({ params: { id }, body, log }, reply) {
      await admit(exampleRequest(body.job), admission);
      const { trigger, isNew, secret } = await triggers.put(id, body);
      log.info({ trigger: id, provider: body.provider }, isNew ? 'trigger made' : 'trigger changed');
      const answer = { trigger, hook: hookPath(id), ...(secret !== undefined && { secret }) };
      return reply.code(isNew ? 201 : 200).send(answer);
    },
  });

  app.route({
    method: 'GET',
    url: '/triggers',
    config: { scope: 'manage' },
    schema: {
      operationId: 'listTriggers',
      tags,
      summary: 'All triggers, oldest first',
      response: {
        200: z.object({ items: z.array(triggerSchema) }),
      },
    },
    handler: async () => ({ items: await triggers.list() }),
  });

  const ofOne = problemResponses('REQUEST_INVALID', 'TRIGGER_NOT_FOUND');

  app.route({
    method: 'GET',
    url: '/triggers/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'getTrigger',
      tags,
      summary: 'One trigger, and what became of its last pushes',
      params: parameters,
      response: {
        200: z.object({
          trigger: triggerSchema,
          hook,
          log: z.array(triggerLogSchema).describe('Newest first, 50 at the most'),
        }),
        ...ofOne,
      },
    },
    handler: async ({ params: { id } }) => ({ ...(await triggers.find(id)), hook: hookPath(id) }),
  });

  app.route({
    method: 'DELETE',
    url: '/triggers/:id',
    config: { scope: 'manage' },
    schema: {
      operationId: 'deleteTrigger',
      tags,
      summary: 'Delete a trigger; the jobs that it made stay',
      params: parameters,
      response: { 204: z.undefined(), ...ofOne },
    },
    async handler({ params: { id }, log }, reply) {
      await triggers.forget(id);
      log.info({ trigger: id }, 'trigger deleted');
      return reply.code(204).send();
    },
  });
}

function hookPath(id: string): string {
  return `/v1/hooks/${id}`;
}
