import { jobScript } from './job-life.ts';

/**
 * Ends an attempt, and the job with it, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 the ending, as `finishJob` takes it.
 *
 * Returns 1 if the attempt held the job, else 0 and nothing is changed.
 */
export const endAttempt = jobScript(`
if not isHeldBy(ARGV[1], ARGV[2]) then
  return 0
end
finishJob(ARGV[1], ARGV[3])
return 1
`);
