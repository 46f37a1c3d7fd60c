import { scheduleKeys } from '../schedule-keys.ts';
import { scheduleScript } from './schedule-script.ts';

/**
 * Makes a schedule, or changes it. A run that is being made for a time before is not followed by its next time.
 *
 * KEYS: 1 the schedule. ARGV: 1 id, 2 now in ms, 3 the schedule as JSON, 4 whether it is paused, 1 or 0, 5 its next time
 * in ms, 6 how many schedules there may be.
 *
 * Returns 'full' or 'put'.
 */
export const putSchedule = scheduleScript(`
local id, now, schedule, paused, nextTime = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('EXISTS', KEYS[1]) == 0 and redis.call('ZCARD', '${scheduleKeys.schedules}') >= tonumber(ARGV[6]) then
  return 'full'
end
redis.call('HSET', KEYS[1], 'schedule', schedule, 'paused', paused)
redis.call('HDEL', KEYS[1], 'claimed')
redis.call('ZADD', '${scheduleKeys.schedules}', 'NX', now, id)
setDue(id, nextTime)
return 'put'
`);
