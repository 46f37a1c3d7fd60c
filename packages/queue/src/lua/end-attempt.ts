import { keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Ends an attempt, and the job with it, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 the ending, as `finishJob` takes it, 4 the key in the store of the artifact
 * that came of it ('' for none) and 5 when that goes, in ms ('' for never), 6 what else it adds to the counts.
 *
 * Returns 1 if the attempt held the job, else 0 and nothing is changed.
 */
export const endAttempt = jobScript(`
if not isHeldBy(ARGV[1], ARGV[2]) then
  return 0
end
finishJob(ARGV[1], ARGV[3])
countTally(ARGV[6])
if ARGV[4] ~= '' then redis.call('HDEL', '${keys.uploads}', ARGV[2]) end
if ARGV[4] ~= '' and ARGV[5] ~= '' then
  redis.call('ZADD', '${keys.artifacts}', 'GT', ARGV[5], ARGV[4])
end
return 1
`);
