import { redisScript } from './redis-script.ts';

/**
 * Ends an attempt, if it is still the job's attempt: the job is finished, or queued again.
 *
 * KEYS: 1 the job, 2 active jobs, 3 jobs of the new state, 4 expiring jobs.
 * ARGV: 1 id, 2 attempt, 3 new state, 4 ms at which the record goes ('' while the job is not finished),
 * 5… fields and values to set.
 *
 * Returns 1 if the attempt held the job, else 0 and nothing is changed.
 */
export const endAttempt = redisScript(`
local id, attempt, state, expiry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local held = redis.call('HMGET', KEYS[1], 'state', 'attempt')
if held[1] ~= 'active' or held[2] ~= attempt then
  return 0
end
redis.call('HDEL', KEYS[1], 'attempt')
if state == 'queued' then
  redis.call('HDEL', KEYS[1], 'worker', 'startedAt')
end
redis.call('HSET', KEYS[1], 'state', state, unpack(ARGV, 5))
local created = redis.call('ZSCORE', KEYS[2], id)
redis.call('ZREM', KEYS[2], id)
redis.call('ZADD', KEYS[3], created or 0, id)
if expiry ~= '' then
  redis.call('PEXPIREAT', KEYS[1], expiry)
  redis.call('ZADD', KEYS[4], expiry, id)
end
return 1
`);
