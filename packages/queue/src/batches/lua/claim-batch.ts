import { redisScript } from '../../lua/redis-script.ts';
import { batchKeys } from '../batch-keys.ts';

/**
 * Takes the batch that has been due for longest, and leases it: should whoever took it die, it is due again when that
 * is over.
 *
 * KEYS: 1 due batches. ARGV: 1 now in ms, 2 end of the lease in ms.
 *
 * Returns `{id, state, how many of its jobs are made}`, or nothing.
 */
export const claimBatch = redisScript(`
local id = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not id then
  return {}
end
local record = redis.call('HMGET', '${batchKeys.batch('')}' .. id, 'state', 'built')
if not record[1] then
  redis.call('ZREM', KEYS[1], id)
  return {}
end
redis.call('ZADD', KEYS[1], ARGV[2], id)
return {id, record[1], record[2]}
`);
