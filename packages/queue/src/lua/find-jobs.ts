import { redisScript } from './redis-script.ts';

/** As many ids of the smallest index are looked at in one call; Redis does nothing else meanwhile. */
const mostLooks = 5000;

/**
 * Ids of jobs that are in all of some indexes, newest first. It walks the smallest of them and asks the others, so what
 * it costs depends on what is looked for, and not on how many jobs there are.
 *
 * KEYS: the indexes. ARGV: 1 the id before which to begin ('' for the newest), 2 how many at the most.
 *
 * Returns the id before which the next call has to begin ('' if there is nothing left), then the ids. When few of many
 * are in all indexes a call may find less than it could: the next one goes on.
 */
export const findJobs = redisScript(`
local smallest, least = 1, nil
for at, index in ipairs(KEYS) do
  local size = redis.call('ZCARD', index)
  if not least or size < least then smallest, least = at, size end
end
local before, limit = ARGV[1], tonumber(ARGV[2])
local pageSize = #KEYS == 1 and limit + 1 or 500
local found, looks = {''}, 0
repeat
  local max = before == '' and '+' or '(' .. before
  local page = redis.call('ZREVRANGEBYLEX', KEYS[smallest], max, '-', 'LIMIT', 0, pageSize)
  local isIn = {}
  for at, index in ipairs(KEYS) do
    if at ~= smallest and #page > 0 then table.insert(isIn, redis.call('ZMSCORE', index, unpack(page))) end
  end
  for at, id in ipairs(page) do
    local isInAll = true
    for _, scores in ipairs(isIn) do isInAll = isInAll and scores[at] end
    if isInAll then
      if #found == limit + 1 then
        found[1] = before
        return found
      end
      table.insert(found, id)
    end
    before = id
  end
  looks = looks + #page
  if #page == pageSize then found[1] = before else found[1] = '' end
until #page < pageSize or looks >= ${mostLooks}
return found
`);
