import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import type { RealImage } from '../images/real-images.ts';
import type { DockerEngine } from './docker-engine.ts';
import type { ObjectGateway } from './object-gateway.ts';
import type { RedisServer } from './redis.ts';
import type { RegistryServer } from './registry.ts';

/**
 * The servers that all test files of a run share. Whoever uses one keeps to names of its own in it (a key prefix, a
 * bucket, a repository); whoever must stop, break or configure one starts a private one with its `start` function.
 */
export interface SharedParts {
  readonly redis: Pick<RedisServer, 'url' | 'port'>;
  readonly docker: Pick<DockerEngine, 'host' | 'socketPath'>;
  readonly registry: Pick<RegistryServer, 'host' | 'url'>;
  readonly objectGateway: Omit<ObjectGateway, 'pid' | 'stop'>;
  /** Built with the shared engine, which takes a minute; not to be removed from it. */
  readonly realImages: { readonly images: readonly RealImage[] };
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the broker of this run's parts listens. */
    readonly partsUrl: string;
    /** A folder that is removed after the run, whatever becomes of it. */
    readonly runFolder: string;
  }
}

/** Starts the part, unless a test of this run has, and tells its address. To be called in `beforeAll`. */
export async function sharedPart<Name extends keyof SharedParts>(name: Name): Promise<SharedParts[Name]> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // Not fetch, which gives up on an answer after five minutes, which a busy machine may need to build images.
  get(`${inject('partsUrl')}/${name}`, resolve).once('error', reject);
  const response = await promise;
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${name} did not start: ${body}`);
  return JSON.parse(body) as SharedParts[Name];
}
