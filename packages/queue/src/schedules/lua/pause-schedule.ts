import { scheduleScript } from './schedule-script.ts';

/**
 * Pauses a schedule, or has it go on with its next time.
 *
 * KEYS: 1 the schedule. ARGV: 1 id, 2 whether it is paused, 1 or 0, 3 its next time in ms.
 *
 * Returns 1, or 0 if there is no such schedule.
 */
export const pauseSchedule = scheduleScript(`
local id, paused, nextTime = ARGV[1], ARGV[2], ARGV[3]
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
if redis.call('HGET', KEYS[1], 'paused') ~= paused then
  redis.call('HSET', KEYS[1], 'paused', paused)
  redis.call('HDEL', KEYS[1], 'claimed')
  setDue(id, nextTime)
end
return 1
`);
