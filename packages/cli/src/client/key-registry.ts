import type { ApiKey, DimgxClient } from '@dimgx/client';
import { type ApiKeyRequest, ApiKeys, connectRedis, type RedisSettings } from '@dimgx/queue';
import { serviceClient } from './service-client.ts';

/** The API keys of a service, by whichever way one has to them. */
export interface KeyRegistry extends Disposable {
  /** `text` is the key. */
  create(request: ApiKeyRequest): Promise<{ apiKey: ApiKey; text: string }>;
  list(): Promise<ApiKey[]>;
  revoke(id: string): Promise<void>;
}

export interface KeyAccess {
  readonly url: string;
  readonly token?: string | undefined;
  readonly redis?: RedisSettings | undefined;
}

/**
 * Over the API with a key of it; else, where one has the service's Redis, straight in there, as for the first key; else
 * over the API as it is, which is open to its own machine before the first key. Throws `REDIS_UNREACHABLE`.
 */
export async function openKeyRegistry(access: KeyAccess, signal: AbortSignal): Promise<KeyRegistry> {
  const { url, token, redis } = access;
  if (token === undefined && redis !== undefined) return inRedis(redis);
  return overApi(serviceClient({ url, token }, signal));
}

async function inRedis(settings: RedisSettings): Promise<KeyRegistry> {
  // What fails is thrown by the command that it fails.
  const redis = await connectRedis(settings, 'producer', () => {});
  const keys = new ApiKeys(redis);
  return {
    create: (request) => keys.create(request),
    list: () => keys.list(),
    revoke: (id) => keys.revoke(id),
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

function overApi({ keys }: DimgxClient): KeyRegistry {
  return {
    async create(request) {
      const { key, ...apiKey } = await keys.create(request);
      return { apiKey, text: key };
    },
    list: () => keys.list(),
    revoke: (id) => keys.revoke(id),
    [Symbol.dispose]: () => {},
  };
}
