import { DimgxError } from '@dimgx/core';
import { type ApiKeys, allows, type KeyUse, type Scope, scopes } from '@dimgx/queue';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from './api.ts';
import type { ConfiguredKeys } from './configured-keys.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks: the id of the API key, the place of a configured one, or `anyone`. */
    client: string;
    /** What the client may. */
    granted?: readonly Scope[];
  }
  interface FastifyContextConfig {
    /** What a key must be good for to use the route; `admin` unless it says so. */
    scope?: Scope;
  }
}

export interface Authentication {
  readonly configured: ConfiguredKeys;
  readonly keys: Pick<ApiKeys, 'use' | 'areWanted'>;
  /** Only processes of this machine reach the service: it is open to them while there is no key. */
  readonly isLocal: boolean;
}

/** Who asks where the service is open. */
export const anyone = 'anyone';

/** Who asks, and what they may. */
interface Client {
  readonly client: string;
  readonly granted: readonly Scope[];
}

/** Lets only holders of a key use the routes of this part; without any key, only who is on this machine. */
export function requireKey(app: Api, authentication: Authentication): void {
  app.decorateRequest('client', anyone);
  app.decorateRequest('granted');
  app.addHook('onRequest', async (request) => {
    Object.assign(request, await clientOf(request, authentication));
  });
}

/** Lets a key use only what its scopes allow. To be called after `requireKey`. */
export function requireScopes(app: Api): void {
  app.addHook('onRequest', async ({ routeOptions, granted = [] }, reply) => {
    checkScope(scopeOf(routeOptions.config), granted, reply);
  });
}

/** The scope that a route needs. */
export function scopeOf({ scope }: { readonly scope?: Scope } = {}): Scope {
  return scope ?? 'admin';
}

async function clientOf(request: FastifyRequest, authentication: Authentication): Promise<Client> {
  const { configured, keys, isLocal } = authentication;
  const key = bearerOf(request.headers.authorization);
  const known = key === undefined ? undefined : configured.clientOf(key);
  if (known !== undefined) return { client: known, granted: scopes };
  const used = key === undefined ? undefined : await keys.use(key);
  if (used?.state === 'known') return { client: used.id, granted: used.scopes };
  if (isLocal && configured.isEmpty && !(await keys.areWanted())) {
    checkHost(request);
    return { client: anyone, granted: scopes };
  }
  throw new DimgxError('UNAUTHORIZED', refusalOf(key, used));
}

function refusalOf(key: string | undefined, used: KeyUse | undefined): string {
  if (key === undefined) return 'an API key is needed: send Authorization: Bearer KEY';
  if (used?.state === 'expired') return `the API key ${used.id} has expired: ask for a new one`;
  return 'the API key is not known here, or revoked: ask for another';
}

function checkScope(needed: Scope, granted: readonly Scope[], reply: FastifyReply): void {
  if (allows(granted, needed)) return;
  // RFC 6750, 3.1.
  reply.header('www-authenticate', `Bearer error="insufficient_scope", scope="${needed}"`);
  const message = `this needs the scope ${needed}, and the API key has ${granted.join(', ')}`;
  throw new DimgxError('FORBIDDEN', message);
}

/** The key of an `Authorization: Bearer` header. */
export function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1];
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
