import { DimgxError } from '@dimgx/core';
import { z } from 'zod';
import { runScript } from '../lua/redis-script.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { type ApiKey, type ApiKeyRequest, apiKeyOf } from './api-key.ts';
import { apiKeySpace as space } from './api-key-space.ts';
import { isKeyId, newKeyText, parseKeyText } from './key-text.ts';
import { createKey } from './lua/create-key.ts';
import { useKey } from './lua/use-key.ts';
import { type Scope, scopes } from './scope.ts';

const mostKeys = 1000;

/** What a key that somebody sends is good for. */
export type KeyUse =
  | { readonly state: 'known'; readonly id: string; readonly scopes: readonly Scope[] }
  | { readonly state: 'expired'; readonly id: string }
  | { readonly state: 'unknown' };

const usedSchema = z.union([
  z.tuple([
    z.literal('known'),
    z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(z.enum(scopes))),
  ]),
  z.tuple([z.enum(['expired', 'unknown'])]),
]);

/**
 * The API keys of a service, in its Redis. Only their digests are there, so a key is told once, when it is made.
 * Throws `REDIS_UNREACHABLE`.
 */
export class ApiKeys {
  readonly #redis: Redis;

  /** The connection stays its owner's. */
  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Makes a key; `text` is what its holder sends. Throws `LIMIT_EXCEEDED`. */
  async create(request: ApiKeyRequest): Promise<{ apiKey: ApiKey; text: string }> {
    const { id, text, digest } = newKeyText();
    const now = Date.now();
    const fields = {
      ...{
        id,
        digest,
        name: request.name,
        scopes: [...new Set(request.scopes)].join(','),
        created: `${now}`,
      },
      ...(request.expiresAt !== undefined && { expires: `${Date.parse(request.expiresAt)}` }),
    };
    const places = [space.key(id), space.all, space.wanted];
    const args = [id, now, mostKeys, ...Object.entries(fields).flat()];
    if ((await runScript(this.#redis, createKey, places, args)) !== 1) {
      const message = `there are ${mostKeys} API keys already: revoke one that is not needed`;
      throw new DimgxError('LIMIT_EXCEEDED', message);
    }
    return { apiKey: apiKeyOf(fields), text };
  }

  /** Oldest first. */
  async list(): Promise<ApiKey[]> {
    const ids = await overRedis(() => this.#redis.zrange(space.all, '0', '-1'));
    const found = await Promise.all(ids.map((id) => this.#fields(id)));
    return found.filter(({ id }) => id !== undefined).map(apiKeyOf);
  }

  /** Throws `KEY_NOT_FOUND`. */
  async find(id: string): Promise<ApiKey> {
    const fields = isKeyId(id) ? await this.#fields(id) : {};
    return fields.id === undefined ? notFound(id) : apiKeyOf(fields);
  }

  /** From now on the key opens nothing, anywhere. Throws `KEY_NOT_FOUND`. */
  async revoke(id: string): Promise<void> {
    if (!isKeyId(id)) notFound(id);
    const steps = this.#redis.multi().zrem(space.all, id).del(space.key(id));
    const [removed] = (await overRedis(() => steps.exec())) ?? [];
    if (removed?.[1] !== 1) notFound(id);
  }

  /** Looks up what somebody sends as a key, and notes that it was used. */
  async use(text: string): Promise<KeyUse> {
    const parsed = parseKeyText(text);
    if (parsed === undefined) return { state: 'unknown' };
    const { id, digest } = parsed;
    const used = usedSchema.parse(
      await runScript(this.#redis, useKey, [space.key(id)], [digest, Date.now()]),
    );
    if (used[0] === 'known') return { state: 'known', id, scopes: used[1] };
    return used[0] === 'expired' ? { state: 'expired', id } : { state: 'unknown' };
  }

  /** Whether a key has ever been made, so that the service wants one. */
  async areWanted(): Promise<boolean> {
    return (await overRedis(() => this.#redis.exists(space.wanted))) === 1;
  }

  #fields(id: string): Promise<Record<string, string>> {
    return overRedis(() => this.#redis.hgetall(space.key(id)));
  }
}

function notFound(id: string): never {
  throw new DimgxError(
    'KEY_NOT_FOUND',
    `there is no API key ${JSON.stringify(id.slice(0, 40))}, or not any more`,
  );
}
