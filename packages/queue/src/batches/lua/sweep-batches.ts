import { redisScript } from '../../lua/redis-script.ts';
import { batchKeys } from '../batch-keys.ts';

/**
 * Forgets batches whose time is over.
 *
 * KEYS: 1 expiring batches. ARGV: 1 now in ms, 2 how many at the most. Returns how many it was.
 */
export const sweepBatches = redisScript(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, id in ipairs(ids) do
  redis.call('DEL', '${batchKeys.batch('')}' .. id)
  redis.call('ZREM', '${batchKeys.batches}', id)
  redis.call('ZREM', KEYS[1], id)
end
return #ids
`);
