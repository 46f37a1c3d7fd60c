import type { FastifyRequest, FastifyServerOptions } from 'fastify';

/** What the log tells of a request: its URL without the query, where senders of webhooks may show a secret. */
function loggedRequest({ method, url, host, ip }: FastifyRequest) {
  return { method, url: url.split('?', 1)[0], host, remoteAddress: ip };
}

/** The log of each request. */
export const requestLog: NonNullable<FastifyServerOptions['childLoggerFactory']> = (
  logger,
  bindings,
  options,
) => logger.child(bindings, { ...options, serializers: { ...options.serializers, req: loggedRequest } });
