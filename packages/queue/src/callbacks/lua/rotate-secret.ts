import { redisScript } from '../../lua/redis-script.ts';

/**
 * Gives an endpoint a new secret. The one before it signs too until its time is over.
 *
 * KEYS: 1 the endpoint, 2 its secrets. ARGV: 1 now in ms, 2 the new secret, 3 when the old one stops in ms.
 *
 * Returns 1, or 0 if there is no such endpoint.
 */
export const rotateSecret = redisScript(`
local now, secret, stops = ARGV[1], ARGV[2], ARGV[3]
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
for _, old in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '+inf', '+inf')) do
  redis.call('ZADD', KEYS[2], stops, old)
end
redis.call('ZADD', KEYS[2], '+inf', secret)
return 1
`);
