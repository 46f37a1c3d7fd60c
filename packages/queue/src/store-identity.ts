import { randomUUID } from 'node:crypto';
import type { ArtifactStore } from '@dimgx/core';
import { keyPrefix } from './key-space.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';

/** A hash: `id` is that of the store, `proposed` what a store gets that has none. */
const storeKey = `${keyPrefix}:store`;

/**
 * Has the store hold on to the id that Redis knows it by, so that a folder whose disk is not mounted is not taken for
 * it. A store that has none gets one if Redis knows none either, the same one whoever is first, since parts of a
 * fleet start at once.
 *
 * Throws `STORE_FAILED` for another store than the one that is known, what the store throws, and `REDIS_UNREACHABLE`.
 */
export async function identifyStore(redis: Redis, { marker }: ArtifactStore): Promise<void> {
  if (marker === undefined) return;
  let id = await overRedis(() => redis.hget(storeKey, 'id'));
  if (id === null) {
    const own = (await marker.read()) ?? (await marked());
    id = await agreed('id', own);
  }
  marker.expect(id);
  await marker.confirm();

  async function marked(): Promise<string> {
    const proposed = await agreed('proposed', randomUUID());
    await marker?.write(proposed);
    return proposed;
  }

  /** What the field has: the value, unless somebody else was first. */
  async function agreed(field: 'id' | 'proposed', value: string): Promise<string> {
    await overRedis(() => redis.hsetnx(storeKey, field, value));
    return (await overRedis(() => redis.hget(storeKey, field))) ?? value;
  }
}
