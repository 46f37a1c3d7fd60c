import { keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Brings a job's indexes in line with its record. The scripts keep them so; this is for a Redis that evicts keys, and
 * for people who delete some.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 an index in which the id was found.
 */
export const settleJob = jobScript(`
local id = ARGV[1]
local record = redis.call('HMGET', KEYS[1], 'state', 'indexes')
if not record[1] then
  redis.call('ZREM', ARGV[2], id)
  forgetJob(id)
  return
end
for _, index in ipairs(cjson.decode(record[2])) do
  redis.call('ZADD', index, 0, id)
end
for _, state in ipairs(allStates) do
  if state ~= record[1] then redis.call('ZREM', stateKey(state), id) end
end
redis.call('ZADD', stateKey(record[1]), 0, id)
placeInPool(id, record[1])
if record[1] ~= 'queued' then redis.call('ZREM', '${keys.waiting}', id) end
`);
