import { z } from 'zod';
import { keyPrefix } from '../key-space.ts';
import { runScript } from '../lua/redis-script.ts';
import type { Redis } from '../redis-options.ts';
import { takeToken } from './lua/take-token.ts';

/** What a client has left of its requests. */
export interface Allowance {
  readonly isAllowed: boolean;
  readonly left: number;
  /** Milliseconds until one more is allowed; 0 if one is. */
  readonly nextMs: number;
  /** Milliseconds until all are. */
  readonly fullMs: number;
}

const minute = 60_000;
const allowanceSchema = z.tuple([z.int(), z.int(), z.int(), z.int()]);

/** Bounds how often each client may ask, over all APIs of a service. Throws `REDIS_UNREACHABLE`. */
export class RateLimits {
  readonly #redis: Redis;
  readonly perMinute: number;

  /** A client that was quiet for a minute may ask `perMinute` times at once. The connection stays its owner's. */
  constructor(redis: Redis, perMinute: number) {
    this.#redis = redis;
    this.perMinute = perMinute;
  }

  /** Counts a request. */
  async take(client: string): Promise<Allowance> {
    const bucket = `${keyPrefix}:rate:${client}`;
    const answer = await runScript(this.#redis, takeToken, [bucket], [this.perMinute, minute]);
    const [isAllowed, left, nextMs, fullMs] = allowanceSchema.parse(answer);
    return { isAllowed: isAllowed === 1, left, nextMs, fullMs };
  }
}
