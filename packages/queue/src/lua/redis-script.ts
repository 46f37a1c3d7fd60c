import { createHash } from 'node:crypto';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';

/** A Lua script: all of it happens in Redis at once, or nothing. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script by its digest; its text is sent only to a Redis that does not know it yet. */
export async function runScript(
  redis: Redis,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return overRedis(async () => {
    try {
      return await redis.evalsha(script.sha1, keys.length, ...keys, ...args);
    } catch (thrown) {
      if (!(thrown instanceof Error) || !thrown.message.startsWith('NOSCRIPT')) throw thrown;
      return redis.eval(script.lua, keys.length, ...keys, ...args);
    }
  });
}

/** A list of names and values by turns, as Lua has a hash, as an object. */
export function fieldsOf<T>(flat: readonly T[]): Record<string, T> {
  const pairs = Array.from({ length: flat.length / 2 }, (_, at) => flat.slice(2 * at, 2 * at + 2));
  return Object.fromEntries(pairs);
}
