import { DimgxError } from '@dimgx/core';
import { endingScript } from './ending.ts';
import type { JobLifetimes } from './job-lifetimes.ts';
import { jobErrorOf } from './job-record.ts';
import { keys } from './key-space.ts';
import { failOverdue } from './lua/fail-overdue.ts';
import { runScript } from './lua/redis-script.ts';
import { sweepExpired } from './lua/sweep-expired.ts';
import type { Redis } from './redis-options.ts';

/** As many as a script may take at a time, so that Redis is never blocked for long. */
const sweptAtOnce = 50;

/** Fails the jobs that have waited too long, and forgets those whose time is over. Throws `REDIS_UNREACHABLE`. */
export async function sweepJobs(redis: Redis, lifetimes: JobLifetimes): Promise<void> {
  const now = Date.now();
  const { queueTimeoutSeconds } = lifetimes;
  const message = `no worker took the job within ${queueTimeoutSeconds} seconds: see that workers of its pool run`;
  const error = jobErrorOf(new DimgxError('QUEUE_TIMED_OUT', message));
  const ending = endingScript({ state: 'failed', error }, lifetimes, now);
  await untilFew(() => runScript(redis, failOverdue, [keys.waiting], [now, sweptAtOnce, ending]));
  await untilFew(() => runScript(redis, sweepExpired, [keys.expiring], [now, sweptAtOnce]));
}

async function untilFew(sweep: () => Promise<unknown>): Promise<void> {
  let swept: unknown;
  do swept = await sweep();
  while (swept === sweptAtOnce);
}
