import { redisScript } from './redis-script.ts';

/**
 * Gives the job to a new attempt, also when its record says that another one is at it: BullMQ hands a job out again
 * only when the other's lock is gone. From here on the other can write nothing any more.
 *
 * KEYS: 1 the job, 2 queued jobs, 3 active jobs.
 * ARGV: 1 id, 2 attempt, 3 worker, 4 time of the start, 5 progress.
 *
 * Returns the job's fields and values, or nothing if there is no such job or it is finished.
 */
export const startAttempt = redisScript(`
local id, attempt, worker, startedAt, progress = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'queued' and state ~= 'active' then
  return {}
end
redis.call('HSET', KEYS[1], 'state', 'active', 'attempt', attempt, 'worker', worker,
  'startedAt', startedAt, 'progress', progress)
redis.call('HINCRBY', KEYS[1], 'attempts', 1)
redis.call('HDEL', KEYS[1], 'error')
local created = redis.call('ZSCORE', KEYS[2], id)
if created then
  redis.call('ZREM', KEYS[2], id)
  redis.call('ZADD', KEYS[3], created, id)
end
return redis.call('HGETALL', KEYS[1])
`);
