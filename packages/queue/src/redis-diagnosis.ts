import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Redis as SingleRedis } from 'ioredis';
import type { RedisAddress, RedisHost } from './redis-address.ts';
import { isOfPassword, reasonOf } from './redis-fault.ts';
import { connectWithin } from './redis-options.ts';

interface Entrance {
  readonly address: RedisAddress;
  readonly tls: ConnectionOptions | undefined;
  readonly sentinelPassword: string | undefined;
}

/** A Redis that understands answers at once; one that does not may say nothing for ever. */
const answersWithin = 1000;

/**
 * Why a first connection failed, in words. `cause` is what the client library says, which often is only that there is no
 * connection; so the door is tried once more, by hand.
 */
export async function whyNotLetIn(cause: unknown, entrance: Entrance): Promise<string> {
  const { address, tls } = entrance;
  const [host] = address.hosts;
  if (host === undefined) return reasonOf(cause);
  const ofOne = address.kind === 'single' ? undefined : await faultOfOne(host, entrance);
  const fault = ofOne ?? cause;
  if (ofOne !== undefined && address.kind === 'sentinel' && isOfPassword(ofOne)) {
    return 'its sentinels want another password; see REDIS_SENTINEL_PASSWORD';
  }
  return (await faultOfEncryption(host, tls, fault)) ?? reasonOf(fault);
}

/** What is wrong with one of the hosts of many; undefined if it lets us in. */
async function faultOfOne(host: RedisHost, { address, tls, sentinelPassword }: Entrance): Promise<unknown> {
  const { username, password } =
    address.kind === 'sentinel' ? { username: undefined, password: sentinelPassword } : address;
  const redis = new SingleRedis({
    ...host,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(tls !== undefined && { tls }),
    ...{ lazyConnect: true, connectTimeout: connectWithin, retryStrategy: null },
  });
  let fault: unknown;
  redis.on('error', (error: Error) => {
    fault = error;
  });
  try {
    await redis.connect();
    return undefined;
  } catch (thrown) {
    return fault ?? thrown;
  } finally {
    redis.disconnect();
  }
}

/** Closed or silent connections that come of TLS on one side alone, or of a certificate that is wanted of us. */
const ofEncryption = /ECONNRESET|ETIMEDOUT|EPIPE|closed|wrong version/i;

async function faultOfEncryption(
  host: RedisHost,
  tls: ConnectionOptions | undefined,
  fault: unknown,
): Promise<string | undefined> {
  if (!(fault instanceof Error) || !ofEncryption.test(fault.message)) return undefined;
  if (tls === undefined) {
    const { isSecure } = await listenByTls(host, { rejectUnauthorized: false });
    return isSecure ? 'it speaks TLS there, so REDIS_URL must begin with rediss' : undefined;
  }
  if (await answersInClear(host)) return 'it speaks no TLS there, so REDIS_URL must begin with redis';
  const { error } = await listenByTls(host, tls);
  return error === undefined ? undefined : reasonOf(error);
}

async function answersInClear({ host, port }: RedisHost): Promise<boolean> {
  const socket = connectPlain(port, host);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text;
  });
  socket.end('PING\r\n');
  await ended(socket);
  // It may want a password first.
  return /^[+-]/.test(answer);
}

/** Says nothing itself: whoever writes to a connection that was refused does not hear why. */
async function listenByTls(
  { host, port }: RedisHost,
  tls: ConnectionOptions,
): Promise<{ isSecure: boolean; error: Error | undefined }> {
  const socket = connectTls({ host, port, ...tls });
  let isSecure = false;
  socket.once('secureConnect', () => {
    isSecure = true;
  });
  return { error: await ended(socket), isSecure };
}

/** Waits until the other end closes the socket, for a while; gives the fault that it closed with. */
async function ended(socket: Socket): Promise<Error | undefined> {
  let fault: Error | undefined;
  socket.on('error', (error) => {
    fault = error;
  });
  socket.setTimeout(answersWithin, () => socket.destroy());
  await new Promise((resolve) => void socket.once('close', resolve));
  return fault;
}
