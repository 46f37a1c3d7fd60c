import { DimgxError } from '@dimgx/core';
import type { Allowance, RateLimits } from '@dimgx/queue';
import type { FastifyReply } from 'fastify';
import type { Api } from './api.ts';
import { anyone } from './authentication.ts';

const second = 1000;
const windowSeconds = 60;

/** Bounds how often each key may be used for the routes of this part. To be called after `requireKey`. */
export function limitRates(app: Api, limits: Pick<RateLimits, 'take' | 'perMinute'>): void {
  const { perMinute } = limits;
  // draft-ietf-httpapi-ratelimit-headers-10, 3.
  const policy = `"key";q=${perMinute};w=${windowSeconds}`;
  app.addHook('onRequest', async ({ client }, reply) => {
    if (client === anyone) return;
    const allowance = await limits.take(client);
    const { left, fullMs } = allowance;
    reply.header('ratelimit-policy', policy);
    reply.header('ratelimit', `"key";r=${left};t=${Math.ceil(fullMs / second)}`);
    refuseTooMany(allowance, `${perMinute} requests a minute with one API key`, reply);
  });
}

/** Says when to come again, to whoever has had his share. Throws `RATE_LIMITED`. */
export function refuseTooMany({ isAllowed, nextMs }: Allowance, share: string, reply: FastifyReply): void {
  if (isAllowed) return;
  const wait = Math.ceil(nextMs / second);
  reply.header('retry-after', wait);
  throw new DimgxError('RATE_LIMITED', `more than ${share}: wait ${wait} s`);
}
