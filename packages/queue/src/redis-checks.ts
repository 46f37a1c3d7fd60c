import { Cluster, type Redis as SingleRedis } from 'ioredis';
import { keys } from './key-space.ts';
import { refusalOf } from './redis-connection.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';

/** Throws `REDIS_UNREACHABLE` unless Redis answers: of a cluster, the node that has our keys, and has them all. */
export async function askRedis(redis: Redis): Promise<void> {
  await overRedis(async () => {
    try {
      await redis.exists(keys.jobs, keys.nowhere);
    } catch (thrown) {
      throw refusalOf(redis) ?? thrown;
    }
  });
}

/** What is wrong with this Redis for a queue, one line each; nothing if all is well. */
export async function redisWarnings(redis: Redis): Promise<string[]> {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const warnings = await Promise.all(nodes.map(warningsOf));
  return [...new Set(warnings.flat())];
}

async function warningsOf(redis: SingleRedis): Promise<string[]> {
  const memory = await overRedis(() => redis.info('memory'));
  const persistence = await overRedis(() => redis.info('persistence'));
  const warnings: string[] = [];
  const policy = infoField(memory, 'maxmemory_policy') ?? 'unknown';
  if (policy !== 'noeviction') {
    warnings.push(
      `Redis evicts keys when it is full (maxmemory-policy ${policy}): jobs can vanish; set noeviction`,
    );
  }
  if (infoField(persistence, 'aof_enabled') === '0' && (await snapshotsAreOff(redis))) {
    warnings.push('Redis keeps nothing on disk: its restart loses all jobs; set appendonly yes');
  }
  return warnings;
}

function infoField(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

/** Hosted Redis services forbid CONFIG; they tell their customers themselves how they persist. */
async function snapshotsAreOff(redis: SingleRedis): Promise<boolean> {
  try {
    const [, schedule] = (await redis.config('GET', 'save')) as [string?, string?];
    return schedule === '';
  } catch {
    return false;
  }
}
