import { jobScript } from './job-life.ts';

/** KEYS: 1 the job. ARGV: 1 id, 2 attempt. Returns what `standingOf` does. */
export const attemptStanding = jobScript(`
return standingOf(ARGV[1], ARGV[2])
`);
