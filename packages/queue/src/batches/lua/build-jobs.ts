import { jobScript } from '../../lua/job-life.ts';
import { batchKeys } from '../batch-keys.ts';

/**
 * Records the next jobs of a batch as queued, all of them or none: if somebody else has made them, or the batch was
 * cancelled, nothing happens.
 *
 * KEYS: 1 the batch. ARGV: 1 id, 2 how many jobs were made before, 3 now in ms, 4 when the jobs have waited too long in
 * ms ('' for never), 5… of each job its id, its indexes as JSON, and its fields and values as JSON.
 *
 * Returns 1, or 0 if nothing happened.
 */
export const buildJobs = jobScript(`
local batch, before, now, waitingEnds = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local record = redis.call('HMGET', KEYS[1], 'state', 'built', 'total')
if record[1] ~= 'running' or record[2] ~= before then
  return 0
end
for at = 5, #ARGV, 3 do
  recordJob(ARGV[at], waitingEnds, ARGV[at + 1], cjson.decode(ARGV[at + 2]))
end
local built = redis.call('HINCRBY', KEYS[1], 'built', (#ARGV - 4) / 3)
if built < tonumber(record[3]) then
  redis.call('ZADD', '${batchKeys.due}', now, batch)
else
  redis.call('ZREM', '${batchKeys.due}', batch)
  redis.call('UNLINK', '${batchKeys.items('')}' .. batch)
end
return 1
`);
