import { keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Ends queued jobs that have waited too long.
 *
 * KEYS: 1 waiting jobs. ARGV: 1 now in ms, 2 how many at the most, 3 the ending, as `finishJob` takes it.
 * Returns how many it was.
 */
export const failOverdue = jobScript(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  if redis.call('HGET', jobKey(id), 'state') == 'queued' then
    finishJob(id, ARGV[3])
    redis.call('SADD', '${keys.dequeuing}', id)
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return #ids
`);
