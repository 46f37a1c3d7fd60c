import { createHash } from 'node:crypto';
import { keys as places } from '../key-space.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';

/** A Lua script: all of it happens in Redis at once, or nothing. */
export interface RedisScript {
  readonly lua: string;
  readonly sha1: string;
}

/**
 * Each is told of one more key, behind its own, that is never there: while the slot of a cluster moves to another node,
 * keys lie on both, and a script that reads or makes others than it is told of would do half of its work, or find
 * nothing. Of one that is told of a key that neither node has, both say at once that it must come again (TRYAGAIN).
 */
export function redisScript(text: string): RedisScript {
  const lua = `local KEYS = {unpack(KEYS, 1, #KEYS - 1)}\n${text}`;
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script by its digest; its text is sent only to a Redis that does not know it yet. */
export async function runScript(
  redis: Redis,
  script: RedisScript,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const told = [...keys, places.nowhere];
  return overRedis(async () => {
    try {
      return await redis.evalsha(script.sha1, told.length, ...told, ...args);
    } catch (thrown) {
      if (!(thrown instanceof Error) || !thrown.message.startsWith('NOSCRIPT')) throw thrown;
      return redis.eval(script.lua, told.length, ...told, ...args);
    }
  });
}

/** A list of names and values by turns, as Lua has a hash, as an object. */
export function fieldsOf<T>(flat: readonly T[]): Record<string, T> {
  const pairs = Array.from({ length: flat.length / 2 }, (_, at) => flat.slice(2 * at, 2 * at + 2));
  return Object.fromEntries(pairs);
}
