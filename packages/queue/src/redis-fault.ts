import { DimgxError, systemCode, toDimgxError } from '@dimgx/core';

/** Replies of a Redis that is there but can't serve now, or not us. */
const unavailable = /^(LOADING|MASTERDOWN|CLUSTERDOWN|READONLY|MISCONF|TRYAGAIN|NOAUTH|WRONGPASS|NOPERM)\b/;

/** Runs `work`, which talks to Redis. Throws `REDIS_UNREACHABLE` if Redis can't serve, `INTERNAL` if it objects. */
export async function overRedis<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw redisFault(thrown);
  }
}

/** A fault of a connection as `REDIS_UNREACHABLE`; others as they are. */
export function connectionFault(error: Error): Error {
  const isOfConnection = systemCode(error) !== undefined || ofConnection.test(error.message);
  return isOfConnection ? redisFault(error) : error;
}

/** What ioredis says itself. */
const ofConnection = /^(Connection is closed|Stream isn't writeable|Command timed out|Socket timeout)/;

function redisFault(thrown: unknown): DimgxError {
  if (thrown instanceof DimgxError) return thrown;
  if (isReply(thrown) && !unavailable.test(thrown.message)) return toDimgxError(thrown);
  return new DimgxError('REDIS_UNREACHABLE', `Redis does not answer: ${reason(thrown)}`, { cause: thrown });
}

/** An answer of the server, in contrast to a fault of the connection. BullMQ's own errors are plain ones. */
function isReply(thrown: unknown): thrown is Error {
  return thrown instanceof Error && thrown.name === 'ReplyError';
}

function reason(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  // What ioredis says of a command that it was not allowed to keep for later.
  return message.startsWith("Stream isn't writeable") ? 'not connected' : message;
}
