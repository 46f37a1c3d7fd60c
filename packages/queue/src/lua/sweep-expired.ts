import { jobScript } from './job-life.ts';

/**
 * Forgets finished jobs whose time is over.
 *
 * KEYS: 1 expiring jobs. ARGV: 1 now in ms, 2 how many at the most. Returns how many it was.
 */
export const sweepExpired = jobScript(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  forgetJob(id)
end
return #ids
`);
