import { jobScript } from './job-life.ts';

/**
 * Gives the job to a new attempt, also when its record says that another one is at it: BullMQ hands a job out again
 * only when the other's lock is gone. From here on the other can write nothing any more.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 worker, 4 time of the start, 5 progress.
 *
 * Returns the job's fields and values, or nothing if there is no such job or it has ended.
 */
export const startAttempt = jobScript(`
local id, attempt, worker, startedAt, progress = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local state = redis.call('HGET', KEYS[1], 'state')
if not state or isFinal(state) then
  return {}
end
if state == 'active' then
  countRetry(id, 'WORKER_LOST')
  tellHandedOn(id, 'WORKER_LOST')
end
passTurn(id)
moveJob(id, 'active')
redis.call('HSET', KEYS[1], 'attempt', attempt, 'worker', worker, 'startedAt', startedAt, 'progress', progress)
redis.call('HDEL', KEYS[1], 'error')
local number = redis.call('HINCRBY', KEYS[1], 'attempts', 1)
tell(id, 'state', 'active', 'attempt', number, 'worker', worker)
count('job_attempts_total')
if number == 1 then observe(age(id), 'job_wait_seconds') end
return redis.call('HGETALL', KEYS[1])
`);
