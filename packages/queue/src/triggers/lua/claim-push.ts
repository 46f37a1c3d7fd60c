import { redisScript } from '../../lua/redis-script.ts';
import { triggerKeys } from '../trigger-keys.ts';

/**
 * Takes the push that is due for longest, and leases it: should whoever took it die, it is due again when that is over.
 *
 * KEYS: 1 due pushes. ARGV: 1 now in ms, 2 end of the lease in ms. Returns `{name, JSON}`, or nothing.
 */
export const claimPush = redisScript(`
local name = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 1)[1]
if not name then
  return {}
end
local push = redis.call('HGET', '${triggerKeys.pending}', name)
if not push then
  redis.call('ZREM', KEYS[1], name)
  return {}
end
redis.call('ZADD', KEYS[1], ARGV[2], name)
return {name, push}
`);
