import { jobScript } from './job-life.ts';

/**
 * Uploads whose attempt does not hold its job any more.
 *
 * KEYS: 1 the uploads. ARGV: 1 how many at the most. Returns the names of the attempts and their uploads, by turns.
 */
export const findLostUploads = jobScript(`
local all = redis.call('HGETALL', KEYS[1])
local found = {}
for at = 1, #all, 2 do
  if #found == 2 * ARGV[1] then break end
  if not isHeldBy(cjson.decode(all[at + 1]).job, all[at]) then
    table.insert(found, all[at])
    table.insert(found, all[at + 1])
  end
end
return found
`);
