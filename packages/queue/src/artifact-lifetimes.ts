import { artifactGoes, type JobLifetimes } from './job-lifetimes.ts';
import { keys } from './key-space.ts';
import { redisScript, runScript } from './lua/redis-script.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';

/** KEYS: 1 artifacts by the time they go. ARGV: 1 the artifact, 2 now in ms. Forgets it if its time is over. */
const forgetOver = redisScript(`
local goes = redis.call('ZSCORE', KEYS[1], ARGV[1])
if goes and tonumber(goes) <= tonumber(ARGV[2]) then redis.call('ZREM', KEYS[1], ARGV[1]) end
`);

/**
 * How long artifacts are kept, by their keys in the store: for their time since a job last made or found them. Where
 * they are kept for ever nothing is done.
 *
 * Throws `REDIS_UNREACHABLE`.
 */
export class ArtifactLifetimes {
  readonly #redis: Redis;
  readonly #lifetimes: JobLifetimes;

  constructor(redis: Redis, lifetimes: JobLifetimes) {
    this.#redis = redis;
    this.#lifetimes = lifetimes;
  }

  /**
   * Has the time of an artifact begin anew that a job is about to find or make: it does not go meanwhile, and goes in
   * the end even if nobody is left who tells that it was made.
   */
  async renew(key: string): Promise<void> {
    const goes = artifactGoes(this.#lifetimes, Date.now());
    if (goes !== '') await overRedis(() => this.#redis.zadd(keys.artifacts, 'GT', goes, key));
  }

  /**
   * Has the artifacts removed whose time is over, at most `limit` at a time. One that can't be removed is told to
   * `onFault` and stays for the next time.
   */
  async sweep(
    limit: number,
    remove: (key: string) => Promise<void>,
    onFault: (key: string, error: unknown) => void,
  ): Promise<void> {
    if (this.#lifetimes.artifactDays === 0) return;
    const due = await overRedis(() =>
      this.#redis.zrangebyscore(keys.artifacts, '-inf', Date.now(), 'LIMIT', 0, limit),
    );
    for (const key of due) {
      // A job may have come for it since.
      const goes = await overRedis(() => this.#redis.zscore(keys.artifacts, key));
      if (goes === null || Number(goes) > Date.now()) continue;
      try {
        await remove(key);
        await runScript(this.#redis, forgetOver, [keys.artifacts], [key, Date.now()]);
      } catch (error) {
        onFault(key, error);
      }
    }
  }
}
