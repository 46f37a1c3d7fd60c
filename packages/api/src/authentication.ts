import { DimgxError } from '@dimgx/core';
import type { FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import type { ApiKeys } from './api-keys.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: a digest of the API key, or `anyone` where the service is open. */
    client: string;
  }
}

/** Lets only holders of a key use the routes of this scope; without any key, only who is on this machine. */
export function requireKey(app: Api, keys: ApiKeys): void {
  app.decorateRequest('client', 'anyone');
  app.addHook('onRequest', async (request) => {
    if (keys.isEmpty) return checkHost(request);
    const client = keys.clientOf(request.headers.authorization);
    if (client === undefined) {
      throw new DimgxError('UNAUTHORIZED', 'an API key is needed: send Authorization: Bearer KEY');
    }
    request.client = client;
  });
}

const loopbackHost = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** A page in a browser on this machine can have its own name point to us; the name in `Host` gives it away. */
function checkHost({ headers: { host } }: FastifyRequest): void {
  if (host === undefined || loopbackHost.test(host)) return;
  throw new DimgxError(
    'FORBIDDEN',
    'without an API key the service answers only to localhost: set DIMGX_API_KEY',
  );
}

/** Whether only processes of this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  return loopbackHost.test(host.includes(':') && !host.startsWith('[') ? `[${host}]` : host);
}
