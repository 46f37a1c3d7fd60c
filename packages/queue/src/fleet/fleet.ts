import { keyPrefix } from '../key-space.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { type ServiceStats, serviceStats } from './service-stats.ts';
import { type WorkerView, workerViewSchema } from './worker-view.ts';

/** After which a worker that tells nothing of itself is gone. Milliseconds. */
const heardWithin = 20_000;

const places = {
  worker: (name: string) => `${keyPrefix}:worker:${name}`,
  /** Names of workers, by the time they were last heard of. */
  all: `${keyPrefix}:workers`,
};

/** The workers that are there now, as they tell of themselves. Throws `REDIS_UNREACHABLE`. */
export class Fleet {
  readonly #redis: Redis;

  /** The connection stays its owner's. */
  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** To be called again and again; what is said holds for twenty seconds. */
  async announce(worker: WorkerView): Promise<void> {
    const { name, seenAt } = worker;
    const steps = this.#redis
      .multi()
      .set(places.worker(name), JSON.stringify(worker), 'PX', heardWithin)
      .zadd(places.all, Date.parse(seenAt), name);
    await overRedis(() => steps.exec());
  }

  async leave(name: string): Promise<void> {
    const steps = this.#redis.multi().del(places.worker(name)).zrem(places.all, name);
    await overRedis(() => steps.exec());
  }

  /** By name; without those of another version that tell of themselves in a way that is not understood here. */
  async list(): Promise<WorkerView[]> {
    await overRedis(() => this.#redis.zremrangebyscore(places.all, '-inf', Date.now() - 10 * heardWithin));
    const names = await overRedis(() => this.#redis.zrange(places.all, '0', '-1'));
    if (names.length === 0) return [];
    const found = await overRedis(() => this.#redis.mget(names.map(places.worker)));
    return found
      .filter((text) => text !== null)
      .flatMap((text) => workerViewSchema.safeParse(JSON.parse(text)).data ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** How many jobs there are, and workers for them. */
  async stats(): Promise<ServiceStats> {
    return serviceStats(this.#redis, await this.list());
  }
}
