import type { ErrorCode } from '@dimgx/core';
import { z } from 'zod';

const warningLevel = 40;
/** A fault that goes on is told again and again; it is shown once in this time. */
const sameWarningMs = 30_000;

/** A line of the parts' logs, as far as it is shown. */
const logLineSchema = z.object({
  level: z.number(),
  msg: z.string(),
  job: z.string().optional(),
  err: z.object({ message: z.string(), code: z.unknown() }).optional(),
});

/** Passes on what lines of the log warn of. */
export function warningFilter(onWarning: (message: string) => void): (line: string) => void {
  const shownAt = new Map<string, number>();
  return (line) => {
    const message = warningOf(line);
    if (message === undefined) return;
    const now = Date.now();
    if (now - (shownAt.get(message) ?? Number.NEGATIVE_INFINITY) < sameWarningMs) return;
    shownAt.set(message, now);
    onWarning(message);
  };
}

const redisIsAway: ErrorCode = 'REDIS_UNREACHABLE';

/** What a line warns of, as it is shown; undefined if of nothing. */
function warningOf(line: string): string | undefined {
  const parsed = logLineSchema.safeParse(jsonOf(line));
  if (!parsed.success || parsed.data.level < warningLevel) return undefined;
  const { msg, job, err } = parsed.data;
  // Whatever can't be done meanwhile, there is one thing to see to.
  if (err?.code === redisIsAway) return 'Redis does not answer; goes on when it is back';
  const fault = err === undefined ? msg : `${msg}: ${err.message}`;
  return job === undefined ? fault : `job ${job} ${fault}`;
}

/** What is no log line (a stack, a warning of Node's) is undefined: it is told by the log file alone. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
