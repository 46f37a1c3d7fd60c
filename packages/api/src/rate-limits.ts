import { DimgxError } from '@dimgx/core';
import type { RateLimits } from '@dimgx/queue';
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
    const { isAllowed, left, nextMs, fullMs } = await limits.take(client);
    reply.header('ratelimit-policy', policy);
    reply.header('ratelimit', `"key";r=${left};t=${Math.ceil(fullMs / second)}`);
    if (isAllowed) return;
    const wait = Math.ceil(nextMs / second);
    reply.header('retry-after', wait);
    const message = `more than ${perMinute} requests a minute with one API key: wait ${wait} s`;
    throw new DimgxError('RATE_LIMITED', message);
  });
}
