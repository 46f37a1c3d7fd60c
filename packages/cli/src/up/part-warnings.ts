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
  callback: z.string().optional(),
  err: z.object({ message: z.string(), code: z.unknown() }).optional(),
});

/** Passes on what lines of the log warn of. */
export function warningFilter(onWarning: (message: string) => void): (line: string) => void {
  const shownAt = new Map<string, number>();
  return (line) => {
    const warning = warningOf(line);
    if (warning === undefined) return;
    const now = Date.now();
    for (const [kind, at] of shownAt) if (now - at >= sameWarningMs) shownAt.delete(kind);
    if (shownAt.has(warning.kind)) return;
    shownAt.set(warning.kind, now);
    onWarning(warning.message);
  };
}

const redisIsAway: ErrorCode = 'REDIS_UNREACHABLE';
/** It answers, and says why it can't be used. */
const redisRefuses = /^Redis can not serve now: /;

interface Warning {
  readonly message: string;
  /** Those of one kind are the same. */
  readonly kind: string;
}

/** What a line warns of, as it is shown; undefined if of nothing. */
function warningOf(line: string): Warning | undefined {
  const parsed = logLineSchema.safeParse(jsonOf(line));
  if (!parsed.success || parsed.data.level < warningLevel) return undefined;
  const { msg, job, callback, err } = parsed.data;
  // Whatever can't be done meanwhile, there is one thing to see to.
  if (err?.code === redisIsAway) {
    const what = redisRefuses.test(err.message) ? err.message : 'Redis does not answer';
    return told(`${what}; goes on when it is back`);
  }
  const fault = err === undefined ? msg : `${msg}: ${err.message}`;
  // Each of its events may be told again and again, and names its job itself.
  if (callback !== undefined) return told(fault, `callback ${callback}`);
  return told(job === undefined ? fault : `job ${job} ${fault}`);
}

function told(message: string, kind = message): Warning {
  return { message, kind };
}

/** What is no log line (a stack, a warning of Node's) is undefined: it is told by the log file alone. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
