import type { RateLimits } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { type HookParts, receiveHook } from '../hooks/receive-hook.ts';
import { senderNetwork } from '../hooks/sender-network.ts';
import { problemResponses } from '../problems.ts';
import { refuseTooMany } from '../rate-limits.ts';

export interface HookRoutes extends Omit<HookParts, 'admit'> {
  /** How many may come from an address, and how many for a trigger; without them, any number. */
  readonly limits?: Pick<RateLimits, 'take' | 'perMinute'> | undefined;
}

const query = z.object({
  token: z.string().optional().describe('The secret, for senders that can send no header'),
});

/**
 * The inbound webhooks, which need no API key: each has a secret of its own. Bodies of any type are taken as the bytes
 * that they are, since those are what is signed.
 */
export async function addHookRoutes(app: Api, { limits, ...parts }: HookRoutes): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  if (limits !== undefined) {
    // Before anything is read or looked up, so the same whether there is such a hook.
    app.addHook('onRequest', async ({ ip }, reply) => {
      const allowance = await limits.take(`sender:${senderNetwork(ip)}`);
      refuseTooMany(allowance, `${limits.perMinute} webhooks a minute from one address`, reply);
    });
  }

  app.route({
    method: 'POST',
    url: '/hooks/:id',
    schema: {
      operationId: 'receiveHook',
      tags: ['triggers'],
      summary: "A registry's webhook",
      description:
        'Takes what the provider of the trigger sends, and answers before anything is done about it.',
      security: [],
      params: z.object({ id: z.string() }),
      querystring: query,
      response: {
        202: z.object({ pushes: z.int().describe('How many of them want a job') }),
        ...problemResponses(
          ...(['REQUEST_INVALID', 'UNAUTHORIZED', 'BODY_TOO_LARGE', 'RATE_LIMITED'] as const),
          ...(['REDIS_UNREACHABLE', 'ENDPOINT_UNREACHABLE', 'SECRET_SEALED'] as const),
          'MEDIA_TYPE_UNSUPPORTED',
        ),
      },
    },
    async handler({ params, query: { token }, headers, body, trace, log }, reply) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      const admit = async (): Promise<void> => {
        if (limits === undefined) return;
        const allowance = await limits.take(`trigger:${params.id}`);
        refuseTooMany(allowance, `${limits.perMinute} webhooks a minute for one trigger`, reply);
      };
      const request = { body: bytes, headers, token, trace };
      const pushes = await receiveHook(params.id, request, { ...parts, admit });
      log.info({ trigger: params.id, pushes }, 'hook');
      return reply.code(202).send({ pushes });
    },
  });
}
