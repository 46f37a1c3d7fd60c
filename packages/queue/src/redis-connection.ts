import { DimgxError } from '@dimgx/core';
import { type RedisSettings, redisAddress, shownAddress } from './redis-address.ts';
import { whyNotLetIn } from './redis-diagnosis.ts';
import { connectionFault, isNotLetIn } from './redis-fault.ts';
import { type ConnectionKind, type Redis, redisOf } from './redis-options.ts';
import { tlsOptions } from './redis-tls.ts';

const second = 1000;
const clusterReadyWithin = 10 * second;
/** Of a cluster, one node may be away for long, and each command finds that out. */
const nodeFaultsEvery = 60 * second;

/**
 * Connects to Redis once; later losses mend themselves, and `onError` gets the first fault of each, and then why a Redis
 * that is back does not let us in. The caller closes the connection. Throws `CONFIG_INVALID` for a URL of another form and `REDIS_UNREACHABLE`.
 */
export async function connectRedis(
  settings: RedisSettings,
  kind: ConnectionKind,
  onError: (error: Error) => void,
): Promise<Redis> {
  const address = redisAddress(settings.url);
  const tls = address.isEncrypted ? tlsOptions(settings) : undefined;
  const { sentinelPassword } = settings;
  let wasReady = false;
  const redis = redisOf({ address, kind, tls, sentinelPassword, isPersistent: () => wasReady });
  const heard = listen(redis, onError);
  try {
    await untilReady(redis, kind, address.kind === 'cluster');
    wasReady = true;
  } catch (thrown) {
    redis.disconnect();
    // What `connect` throws says only that the connection is closed.
    const cause = refusalOf(redis) ?? heard.lastError ?? thrown;
    const why = await whyNotLetIn(cause, { address, tls, sentinelPassword });
    const advice = why.includes('REDIS_') ? '' : '; see REDIS_URL';
    throw new DimgxError('REDIS_UNREACHABLE', `no Redis at ${shownAddress(address)}: ${why}${advice}`, {
      cause,
    });
  }
  return redis;
}

/** What each of the sentinels said was heard before. */
const sumOfFaults = /^All sentinels are unreachable/;

const refusals = new WeakMap<Redis, Error>();

/** Why a Redis that is there does not let us in now. What comes after it, that there is no connection, says less. */
export function refusalOf(redis: Redis): Error | undefined {
  return refusals.get(redis);
}

interface Heard {
  lastError?: unknown;
}

function listen(redis: Redis, onError: (error: Error) => void): Heard {
  const heard: Heard = {};
  // One that was never there is told by what is thrown.
  let wasReady = false;
  /** Of this loss: the refusals, and an empty text for all other faults. */
  const told = new Set<string>();
  let nodeFaultAt = Number.NEGATIVE_INFINITY;
  redis.on('ready', () => {
    wasReady = true;
    told.clear();
    refusals.delete(redis);
  });
  redis.on('error', (error: Error) => {
    if (!sumOfFaults.test(error.message)) heard.lastError = error;
    const isRefusal = isNotLetIn(error);
    if (isRefusal) refusals.set(redis, error);
    const kind = isRefusal ? error.message : '';
    const isNews = isRefusal ? !told.has(kind) : told.size === 0;
    told.add(kind);
    if (wasReady && isNews) onError(connectionFault(error));
  });
  redis.on('node error', (error: Error) => {
    heard.lastError = error;
    const now = performance.now();
    if (!wasReady || now - nodeFaultAt < nodeFaultsEvery) return;
    nodeFaultAt = now;
    onError(connectionFault(error));
  });
  redis.on('sentinelError', (error: Error) => {
    heard.lastError = error;
  });
  return heard;
}

/**
 * Of a cluster that answers, but is not whole, `connect` would be tried for ever; of one that is listened to, the first
 * host may be away, and the next one is there.
 */
async function untilReady(redis: Redis, kind: ConnectionKind, isCluster: boolean): Promise<void> {
  const connecting = redis.connect();
  if (!isCluster) return connecting;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  redis.once('ready', resolve);
  connecting.catch((error: unknown) => {
    if (kind !== 'listener') reject(error);
  });
  const why = 'its nodes are there, but do not have all slots (CLUSTER INFO says cluster_state:fail)';
  const timer = setTimeout(() => reject(new Error(why)), clusterReadyWithin);
  await promise.finally(() => clearTimeout(timer));
}
