import { jobScript } from './job-life.ts';

/**
 * Writes how far an attempt is, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 progress. Returns what `standingOf` does.
 */
export const reportProgress = jobScript(`
local standing = standingOf(ARGV[1], ARGV[2])
if standing == 'held' then
  redis.call('HSET', KEYS[1], 'progress', ARGV[3])
  announce(ARGV[1])
end
return standing
`);
