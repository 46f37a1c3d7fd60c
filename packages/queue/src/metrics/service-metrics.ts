import type { Fleet } from '../fleet/fleet.ts';
import { serviceStats } from '../fleet/service-stats.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { metricsKey } from './counted.ts';
import { countedFamilies } from './counted-families.ts';
import { fleetFamilies } from './fleet-families.ts';
import type { MetricFamily } from './metric-family.ts';

/** The numbers of the whole service: what its Redis has counted, and how its queues and workers stand. */
export class ServiceMetrics {
  readonly #redis: Redis;
  readonly #fleet: Pick<Fleet, 'list'>;

  /** The connection stays its owner's. */
  constructor(redis: Redis, fleet: Pick<Fleet, 'list'>) {
    this.#redis = redis;
    this.#fleet = fleet;
  }

  /** The same at every API. No job is looked at, however many there are. Throws `REDIS_UNREACHABLE`. */
  async read(): Promise<MetricFamily[]> {
    const [hash, workers] = await Promise.all([
      overRedis(() => this.#redis.hgetall(metricsKey)),
      this.#fleet.list(),
    ]);
    const stats = await serviceStats(this.#redis, workers);
    return [...fleetFamilies(stats, workers), ...countedFamilies(hash)];
  }
}
