import { redisScript } from '../../lua/redis-script.ts';
import { triggerKeys } from '../trigger-keys.ts';

/**
 * Notes pushes that want a job each, once a tag is quiet: a later push of it takes the place of an earlier one that has
 * no job yet. Events that were noted before are left out.
 *
 * KEYS: 1 pending pushes. ARGV: 1 now in ms, 2 ms that a tag must be quiet, 3 ms after which it gets its job in any
 * case, 4 ms that an event is remembered, 5… of each push its key of remembrance ('' for none), its name (trigger and
 * tag) and itself as JSON.
 *
 * Returns how many were noted.
 */
export const notePushes = redisScript(`
local now, quiet, patience, remember = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local noted = 0
for at = 5, #ARGV, 3 do
  local seen, name, push = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if seen == '' or redis.call('SET', seen, 1, 'NX', 'PX', remember) then
    local before = redis.call('HGET', KEYS[1], name)
    local first = before and cjson.decode(before).first or now
    redis.call('HSET', KEYS[1], name, cjson.encode({first = first, noted = now .. '-' .. at, event = push}))
    redis.call('ZADD', '${triggerKeys.due}', math.max(now, math.min(now + quiet, first + patience)), name)
    noted = noted + 1
  end
end
return noted
`);
