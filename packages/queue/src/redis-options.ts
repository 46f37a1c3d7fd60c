import type { ConnectionOptions } from 'node:tls';
import { Cluster, type CommonRedisOptions, Redis as SingleRedis } from 'ioredis';
import type { RedisAddress, RedisHost } from './redis-address.ts';
import { noSuchDatabase } from './redis-fault.ts';

/** A connection to Redis, of whatever form it is. */
export type Redis = SingleRedis | Cluster;

/**
 * `producer`: for whoever answers somebody who waits. A command fails at once while Redis is away, and after
 * `answerWithin` if it does not answer. `worker`: for whoever has all day. Commands wait until Redis is back.
 * `listener`: for whoever hears what is published, which any node of a cluster tells.
 */
export type ConnectionKind = 'producer' | 'worker' | 'listener';

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

/** `socketTimeout` gives up a connection whose other end is gone without a word. */
const optionsOf: Record<ConnectionKind, CommonRedisOptions> = {
  producer: { maxRetriesPerRequest: 0, commandTimeout: answerWithin, socketTimeout: 2 * second },
  // BullMQ's blocking commands, of ten seconds at the most, must outlive a reconnect.
  worker: { maxRetriesPerRequest: null, socketTimeout: 15 * second },
  listener: { maxRetriesPerRequest: null, socketTimeout: 5 * second },
};

const pause = (attempt: number) => Math.min(attempt * 50, second);

/** Not connected yet. The caller closes it. */
export function redisOf(plan: RedisPlan): Redis {
  const { address, kind, tls } = plan;
  const { username, password } = address;
  const options: CommonRedisOptions = {
    ...optionsOf[kind],
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
    connectTimeout: connectWithin,
  };
  if (address.kind === 'cluster') {
    return kind === 'listener' ? anyOf(address.hosts, options) : clusterOf(plan, options);
  }
  const redis = new SingleRedis({
    ...options,
    ...(address.kind === 'single' ? address.hosts[0] : sentinelOptions(plan, address.master)),
    db: address.db,
    lazyConnect: true,
    enableOfflineQueue: kind !== 'producer',
    retryStrategy: pause,
    // A master that became a replica: the name leads to another one by now. Nothing of the command has been done.
    reconnectOnError: ({ message }) => (/\bREADONLY\b/.test(message) ? 2 : false),
  });
  keepToDatabase(redis);
  return redis;
}

/**
 * Where the database is not there, the client library goes on in database 0, which may be another service's. BullMQ
 * makes connections of its own of the one that it is given.
 */
function keepToDatabase(redis: SingleRedis): void {
  redis.on('error', ({ message }: Error) => {
    if (noSuchDatabase.test(message)) redis.disconnect(true);
  });
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (options) => {
    const another = duplicate(options);
    keepToDatabase(another);
    return another;
  };
}

function sentinelOptions({ address, tls, sentinelPassword, isPersistent }: RedisPlan, master: string) {
  return {
    sentinels: [...address.hosts],
    name: master,
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls !== undefined && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
    sentinelCommandTimeout: sentinelAnswersWithin,
    sentinelRetryStrategy: (attempt: number) => (isPersistent() ? pause(attempt) : null),
  };
}

function clusterOf({ address, kind }: RedisPlan, redisOptions: CommonRedisOptions): Cluster {
  return new Cluster([...address.hosts], {
    redisOptions,
    lazyConnect: true,
    enableOfflineQueue: kind !== 'producer',
    clusterRetryStrategy: pause,
    // How often a command is tried again, every other time after a tenth of a second. A producer says why in half a
    // second.
    maxRedirections: kind === 'producer' ? 8 : Number.POSITIVE_INFINITY,
    // Finds a node that is gone without a word, which nobody else would tell of.
    slotsRefreshInterval: 5 * second,
    // A certificate is for a name, and not for what the name stands for.
    dnsLookup: (host, callback) => callback(null, host),
  });
}

/**
 * One of several, the next one when it is gone. A `Cluster` could listen too, but tries without a pause while none of its
 * nodes is there, which takes half a core.
 */
function anyOf(hosts: readonly RedisHost[], options: CommonRedisOptions): SingleRedis {
  const redis: SingleRedis = new SingleRedis({
    ...options,
    ...hosts[0],
    lazyConnect: true,
    retryStrategy(attempt) {
      Object.assign(redis.options, hosts[attempt % hosts.length]);
      return pause(attempt);
    },
  });
  return redis;
}
