import { keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Notes the upload of an attempt, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 the upload as JSON, with the id as `job`. Returns what `standingOf` does.
 */
export const beginUpload = jobScript(`
local standing = standingOf(ARGV[1], ARGV[2])
if standing == 'held' then
  redis.call('HSET', '${keys.uploads}', ARGV[2], ARGV[3])
end
return standing
`);
