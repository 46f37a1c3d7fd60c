const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** Milliseconds before each attempt, counted from the one before: three days in all, as Standard Webhooks has it. */
export const standardSchedule: readonly number[] = [
  ...[0, 5 * second, 5 * minute, 30 * minute],
  ...[2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
];

const jitter = 0.1;
const longestWait = 24 * hour;

/**
 * Milliseconds until the next attempt after `tries` of them, a little more by chance, and not before the receiver
 * wishes (`Retry-After`); undefined if there is none left.
 */
export function nextWait(
  schedule: readonly number[],
  tries: number,
  retryAfter: string | undefined,
  now: number,
): number | undefined {
  const wait = schedule[tries];
  if (wait === undefined) return undefined;
  const wished = Math.min(wishedWait(retryAfter, now), longestWait);
  return Math.max(Math.round(wait * (1 + Math.random() * jitter)), wished);
}

/** Seconds, or a date (RFC 9110, 10.2.3); 0 for what is neither. In milliseconds. */
function wishedWait(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  const wait = /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * second : Date.parse(retryAfter) - now;
  return Number.isNaN(wait) ? 0 : Math.max(wait, 0);
}
