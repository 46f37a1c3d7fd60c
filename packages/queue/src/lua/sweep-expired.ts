import { redisScript } from './redis-script.ts';

/**
 * Takes finished jobs whose time is over out of all indexes. Their records go by themselves at that time.
 *
 * KEYS: 1 expiring jobs, 2… the other indexes. ARGV: 1 now in ms, 2 prefix of job keys, 3 how many at the most.
 * Returns how many it was.
 */
export const sweepExpired = redisScript(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
if #ids == 0 then
  return 0
end
for _, id in ipairs(ids) do
  redis.call('DEL', ARGV[2] .. id)
end
for _, index in ipairs(KEYS) do
  redis.call('ZREM', index, unpack(ids))
end
return #ids
`);
