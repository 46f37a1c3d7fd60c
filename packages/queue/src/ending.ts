import type { Progress } from '@dimgx/core';
import { dayMilliseconds, type JobLifetimes } from './job-lifetimes.ts';
import { type JobError, type JobResult, toFields } from './job-record.ts';
import { rfc3339 } from './rfc3339.ts';

/** How a job ends. */
export type Ending =
  | { readonly state: 'completed'; readonly result: JobResult; readonly progress: Progress }
  | { readonly state: 'failed'; readonly error: JobError }
  | { readonly state: 'cancelled' };

/** The ending as `finishJob` of the scripts takes it. */
export function endingScript({ state, ...outcome }: Ending, lifetimes: JobLifetimes, now: number): string {
  const recordGoes = now + lifetimes.recordDays * dayMilliseconds;
  const logGoes = now + Math.min(lifetimes.logDays, lifetimes.recordDays) * dayMilliseconds;
  const times = { finishedAt: rfc3339(now), expiresAt: rfc3339(recordGoes) };
  return JSON.stringify({ state, recordGoes, logGoes, fields: toFields({ ...outcome, ...times }).flat() });
}
