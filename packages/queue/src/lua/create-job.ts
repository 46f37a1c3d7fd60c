import { redisScript } from './redis-script.ts';

/**
 * Records a new job, or finds the one that the same idempotency key made before.
 *
 * KEYS: 1 the job, 2 all jobs, 3 queued jobs, 4 the idempotency key (left out without one).
 * ARGV: 1 id, 2 now in ms, 3 fingerprint of the request, 4 ms that the idempotency key is remembered,
 * 5 prefix of job keys, 6… fields and values of the job.
 *
 * Returns `{'created', id}`, `{'known', id}` or `{'mismatch', id}`.
 */
export const createJob = redisScript(`
local id, now, fingerprint, remember, jobPrefix = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if KEYS[4] then
  local known = redis.call('HMGET', KEYS[4], 'fingerprint', 'id')
  if known[1] and known[1] ~= fingerprint then
    return {'mismatch', known[2]}
  end
  -- A job's record may go before its key does. The other job's key is in our slot, by its hash tag.
  if known[1] and redis.call('EXISTS', jobPrefix .. known[2]) == 1 then
    return {'known', known[2]}
  end
  redis.call('HSET', KEYS[4], 'fingerprint', fingerprint, 'id', id)
  redis.call('PEXPIRE', KEYS[4], remember)
end
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
redis.call('ZADD', KEYS[2], now, id)
redis.call('ZADD', KEYS[3], now, id)
return {'created', id}
`);
