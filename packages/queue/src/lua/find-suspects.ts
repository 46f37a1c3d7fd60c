import { keyPrefix, queueName } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Of the unfinished jobs of one state, those that may need mending: the record is gone or says otherwise, BullMQ does
 * not have the job, or nobody holds the lock of one that is being worked on. They are a few of many, so the others are
 * passed over without a word to anybody.
 *
 * KEYS: 1 the jobs of the state. ARGV: 1 the state, 2 the id after which to begin ('' for the oldest), 3 how many to
 * look at.
 *
 * Returns the id after which the next call has to begin ('' if there is nothing left), then the ids.
 */
export const findSuspects = jobScript(`
local state, after, count = ARGV[1], ARGV[2], tonumber(ARGV[3])
local ids = redis.call('ZRANGEBYLEX', KEYS[1], after == '' and '-' or '(' .. after, '+', 'LIMIT', 0, count)
local found = {#ids == count and ids[#ids] or ''}
for _, id in ipairs(ids) do
  local record = redis.call('HMGET', jobKey(id), 'state', 'pool')
  local isWell = record[1] == state
  if isWell then
    local queued = '${keyPrefix}:${queueName('')}' .. (record[2] or '') .. ':' .. id
    isWell = redis.call('EXISTS', queued, state == 'active' and queued .. ':lock' or queued) == 2
  end
  if not isWell then table.insert(found, id) end
end
return found
`);
