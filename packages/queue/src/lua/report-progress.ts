import { redisScript } from './redis-script.ts';

/**
 * Writes how far an attempt is, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 attempt, 2 progress. Returns 1 if written, else 0.
 */
export const reportProgress = redisScript(`
local held = redis.call('HMGET', KEYS[1], 'state', 'attempt')
if held[1] ~= 'active' or held[2] ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 'progress', ARGV[2])
return 1
`);
