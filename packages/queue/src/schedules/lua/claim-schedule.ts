import { scheduleScript } from './schedule-script.ts';

/**
 * Takes the schedule that has been due for longest, and leases it: should whoever took it die, it is due again when
 * that is over, for the same time as before.
 *
 * KEYS: 1 due schedules. ARGV: 1 now in ms, 2 end of the lease in ms. Returns `{id, the time it was due in ms}`, or
 * nothing.
 */
export const claimSchedule = scheduleScript(`
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, 1)
local id = due[1]
if not id then
  return {}
end
if redis.call('EXISTS', scheduleKey(id)) == 0 then
  redis.call('ZREM', KEYS[1], id)
  return {}
end
redis.call('HSETNX', scheduleKey(id), 'claimed', due[2])
redis.call('ZADD', KEYS[1], ARGV[2], id)
return {id, redis.call('HGET', scheduleKey(id), 'claimed')}
`);
