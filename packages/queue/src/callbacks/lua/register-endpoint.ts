import { redisScript } from '../../lua/redis-script.ts';

/**
 * Registers an endpoint, unless it is known.
 *
 * KEYS: 1 the endpoint, 2 all endpoints, 3 its secrets.
 * ARGV: 1 id, 2 now in ms, 3 a new secret, 4 how many endpoints there may be, 5… fields and values.
 *
 * Returns 'known', 'full' or 'registered'.
 */
export const registerEndpoint = redisScript(`
local id, now, secret, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 1 then
  return 'known'
end
if redis.call('ZCARD', KEYS[2]) >= most then
  return 'full'
end
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('ZADD', KEYS[2], now, id)
redis.call('DEL', KEYS[3])
redis.call('ZADD', KEYS[3], '+inf', secret)
return 'registered'
`);
