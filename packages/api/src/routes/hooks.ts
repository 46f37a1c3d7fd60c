import { z } from 'zod';
import type { Api } from '../api.ts';
import { type HookParts, receiveHook } from '../hooks/receive-hook.ts';
import { problemResponses } from '../problems.ts';

const query = z.object({
  token: z.string().optional().describe('The secret, for senders that can send no header'),
});

/**
 * The inbound webhooks, which need no API key: each has a secret of its own. Bodies of any type are taken as the bytes
 * that they are, since those are what is signed.
 */
export async function addHookRoutes(app: Api, parts: HookParts): Promise<void> {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

  app.route({
    method: 'POST',
    url: '/hooks/:id',
    schema: {
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
          ...(['REQUEST_INVALID', 'UNAUTHORIZED', 'BODY_TOO_LARGE'] as const),
          ...(['REDIS_UNREACHABLE', 'ENDPOINT_UNREACHABLE'] as const),
        ),
      },
    },
    async handler({ params, query: { token }, headers, body, trace, log }, reply) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
      const pushes = await receiveHook(params.id, { body: bytes, headers, token, trace }, parts);
      log.info({ trigger: params.id, pushes }, 'hook');
      return reply.code(202).send({ pushes });
    },
  });
}
