import { scheduleScript } from './schedule-script.ts';

/**
 * Writes down what became of a run, and sets the next time; only if nobody else has, and the schedule was neither
 * changed nor paused meanwhile.
 *
 * KEYS: 1 the schedule. ARGV: 1 id, 2 the time it was due in ms, 3 the next one, 4 the run as JSON, 5 whether it made
 * something, 1 or 0.
 */
export const settleSchedule = scheduleScript(`
local id, due, nextTime, run, made = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('HGET', KEYS[1], 'claimed') ~= due then
  return
end
redis.call('HDEL', KEYS[1], 'claimed')
noteRun(id, run, made)
setDue(id, nextTime)
`);
