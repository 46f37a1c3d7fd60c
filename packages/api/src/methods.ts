import { DimgxError } from '@dimgx/core';
import type { Api } from './api.ts';

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * Watches which routes are declared from now on; what it returns, called after the last one, has all other methods
 * on their paths answered with 405 and `Allow`.
 */
export function watchMethods(app: Api): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = taken.get(url) ?? new Set();
    for (const name of [method].flat()) known.add(name);
    taken.set(url, known);
  });
  return () => {
    for (const [url, known] of [...taken]) refuseOthers(app, url, [...known]);
  };
}

function refuseOthers(app: Api, url: string, allowed: readonly string[]): void {
  const others = methods.filter((method) => !allowed.includes(method));
  if (others.length === 0) return;
  const allow = allowed.join(', ');
  app.route({
    method: others,
    url,
    schema: { hide: true },
    // Before the body is read: that it can't be is not what is wrong with the request.
    onRequest: async (request, reply) => {
      reply.header('allow', allow);
      throw new DimgxError('METHOD_NOT_ALLOWED', `${request.method} is not for ${url}; it takes ${allow}`);
    },
    handler: () => undefined,
  });
}
