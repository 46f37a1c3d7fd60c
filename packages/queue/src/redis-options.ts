import type { ConnectionOptions } from 'node:tls';
import { Cluster, type CommonRedisOptions, Redis as SingleRedis } from 'ioredis';
import type { RedisAddress } from './redis-address.ts';

/** A connection to Redis, of whatever form it is. */
export type Redis = SingleRedis | Cluster;

/**
 * `producer`: for whoever answers somebody who waits. A command fails at once while Redis is away, and after
 * `answerWithin` if it does not answer. `worker`: for whoever has all day. Commands wait until Redis is back.
 */
export type ConnectionKind = 'producer' | 'worker';

export interface RedisPlan {
  readonly address: RedisAddress;
  readonly kind: ConnectionKind;
  /** Undefined for none. */
  readonly tls: ConnectionOptions | undefined;
  readonly sentinelPassword: string | undefined;
  /** Whether sentinels are looked for again that could not be found; before there was a connection, one try tells all. */
  readonly isPersistent: () => boolean;
}

const second = 1000;
const answerWithin = 800;
export const connectWithin = 5 * second;
const sentinelAnswersWithin = 2 * second;

const optionsOf: Record<ConnectionKind, CommonRedisOptions> = {
  producer: {
    maxRetriesPerRequest: 0,
    commandTimeout: answerWithin,
    // Gives up a connection whose other end is gone without a word.
    socketTimeout: 2 * second,
  },
  worker: {
    // BullMQ's blocking commands must outlive a reconnect.
    maxRetriesPerRequest: null,
  },
};

const pause = (attempt: number) => Math.min(attempt * 50, second);

/** Not connected yet. The caller closes it. */
export function redisOf(plan: RedisPlan): Redis {
  const { address, kind, tls } = plan;
  const { username, password } = address;
  const common: CommonRedisOptions = {
    ...optionsOf[kind],
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    connectTimeout: connectWithin,
  };
  if (address.kind === 'cluster') return clusterOf(plan, common);
  const [host] = address.hosts;
  return new SingleRedis({
    ...common,
    ...(address.kind === 'single' ? { ...host } : sentinelOptions(plan, address.master)),
    ...(tls !== undefined && { tls }),
    db: address.db,
    lazyConnect: true,
    enableOfflineQueue: kind === 'worker',
    retryStrategy: pause,
    // A master that became a replica: the name leads to another one by now. Nothing of the command has been done.
    reconnectOnError: ({ message }) => (/\bREADONLY\b/.test(message) ? 2 : false),
  });
}

function sentinelOptions({ address, tls, sentinelPassword, isPersistent }: RedisPlan, master: string) {
  return {
    sentinels: [...address.hosts],
    name: master,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls !== undefined && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
    sentinelCommandTimeout: sentinelAnswersWithin,
    sentinelRetryStrategy: (attempt: number) => (isPersistent() ? pause(attempt) : null),
    // A master that is gone without a word is left when the sentinels have another one.
    failoverDetector: true,
  };
}

function clusterOf({ address, kind, tls }: RedisPlan, common: CommonRedisOptions): Cluster {
  return new Cluster([...address.hosts], {
    redisOptions: { ...common, ...(tls !== undefined && { tls }) },
    lazyConnect: true,
    enableOfflineQueue: kind === 'worker',
    clusterRetryStrategy: pause,
    // How often a command is tried again; one of a producer has no time for more.
    maxRedirections: kind === 'worker' ? Number.POSITIVE_INFINITY : 16,
    // Finds a node that is gone without a word, which nobody else would tell of.
    slotsRefreshInterval: 5 * second,
    // A certificate is for a name, and not for what the name stands for.
    dnsLookup: (host, callback) => callback(null, host),
  });
}
