import { redisScript } from './redis-script.ts';

/**
 * Entries of a job's journal, oldest first. The record counts all that were ever told, so those after a number are
 * found from the end of the list, whose beginning may be gone.
 *
 * KEYS: 1 the job, 2 its journal. ARGV: 1 the number of the entry after which to begin (0 for the first), 2 how many at
 * the most.
 */
export const readJournal = redisScript(`
local told = tonumber(redis.call('HGET', KEYS[1], 'told') or 0)
local left = math.min(told - tonumber(ARGV[1]), redis.call('LLEN', KEYS[2]))
if left <= 0 then
  return {}
end
return redis.call('LRANGE', KEYS[2], -left, math.min(tonumber(ARGV[2]) - left, 0) - 1)
`);
