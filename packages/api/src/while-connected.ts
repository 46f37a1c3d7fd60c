import { DimgxError } from '@dimgx/core';
import type { FastifyReply } from 'fastify';

/** Aborted when the client is gone or the answer is complete. */
export function whileConnected(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => controller.abort(new DimgxError('CANCELLED', 'the client went away')));
  return controller.signal;
}
