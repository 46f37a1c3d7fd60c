import { DimgxError } from '@dimgx/core';
import { Redis, type RedisOptions } from 'ioredis';
import { connectionFault } from './redis-fault.ts';

/**
 * `producer`: for whoever answers somebody who waits. A command fails at once while Redis is away, and after
 * `answerWithin` if it does not answer. `worker`: for whoever has all day. Commands wait until Redis is back.
 */
export type ConnectionKind = 'producer' | 'worker';

const second = 1000;
const answerWithin = 800;

const optionsOf: Record<ConnectionKind, RedisOptions> = {
  producer: {
    enableOfflineQueue: false,
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

/**
 * Connects to Redis once; later losses mend themselves, and `onError` gets the first fault of each. The caller closes
 * the connection. Throws `CONFIG_INVALID` for a URL of another form and `REDIS_UNREACHABLE`.
 */
export async function connectRedis(
  redisUrl: string,
  kind: ConnectionKind,
  onError: (error: Error) => void,
): Promise<Redis> {
  const address = redisAddress(redisUrl);
  const redis = new Redis(redisUrl, {
    ...optionsOf[kind],
    lazyConnect: true,
    connectTimeout: 5 * second,
    retryStrategy: (attempt) => Math.min(attempt * 50, second),
  });
  let lastError: Error | undefined;
  // One that was never there is told by what is thrown.
  let isConnected = false;
  redis.on('ready', () => {
    isConnected = true;
  });
  redis.on('error', (error: Error) => {
    lastError = error;
    if (isConnected) onError(connectionFault(error));
    isConnected = false;
  });
  try {
    await redis.connect();
  } catch (thrown) {
    redis.disconnect();
    // What `connect` throws says only that the connection is closed.
    const cause = lastError ?? thrown;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DimgxError('REDIS_UNREACHABLE', `no Redis at ${address}: ${why}; see REDIS_URL`, { cause });
  }
  return redis;
}

/** `host:port` of a Redis URL: what may be shown of it. Throws `CONFIG_INVALID` if it is none. */
export function redisAddress(redisUrl: string): string {
  const url = URL.canParse(redisUrl) ? new URL(redisUrl) : undefined;
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new DimgxError(
      'CONFIG_INVALID',
      'REDIS_URL must be redis://[:PASSWORD@]HOST[:PORT][/DB] or rediss://…',
    );
  }
  return `${url.hostname}:${url.port === '' ? '6379' : url.port}`;
}
