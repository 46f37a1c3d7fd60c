import { type RedisScript, redisScript } from '../../lua/redis-script.ts';
import { scheduleKeys } from '../schedule-keys.ts';

const runsKept = 50;

/** What the scripts of schedules share. All keys lie in the slot of the one that each is given, by their hash tag. */
const shared = `
local function scheduleKey(id) return '${scheduleKeys.schedule('')}' .. id end

-- Writes down what became of a run; made says that it made something.
local function noteRun(id, run, made)
  local key = '${scheduleKeys.runs('')}' .. id
  redis.call('LPUSH', key, run)
  redis.call('LTRIM', key, 0, ${runsKept} - 1)
  if made == '1' then redis.call('HSET', scheduleKey(id), 'last', run) end
end

-- The next time, unless the schedule is paused.
local function setDue(id, nextTime)
  if redis.call('HGET', scheduleKey(id), 'paused') == '1' then
    redis.call('ZREM', '${scheduleKeys.due}', id)
  else
    redis.call('ZADD', '${scheduleKeys.due}', nextTime, id)
  end
end
`;

/** A script that may use what is shared. */
export function scheduleScript(lua: string): RedisScript {
  return redisScript(shared + lua);
}
