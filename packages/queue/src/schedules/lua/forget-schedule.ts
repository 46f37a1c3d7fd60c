import { scheduleKeys } from '../schedule-keys.ts';
import { scheduleScript } from './schedule-script.ts';

/** KEYS: 1 the schedule. ARGV: 1 id. Returns 1, or 0 if there is no such schedule. */
export const forgetSchedule = scheduleScript(`
local id = ARGV[1]
redis.call('ZREM', '${scheduleKeys.schedules}', id)
redis.call('ZREM', '${scheduleKeys.due}', id)
redis.call('DEL', '${scheduleKeys.runs('')}' .. id)
return redis.call('DEL', KEYS[1])
`);
