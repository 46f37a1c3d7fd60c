import { redisScript } from '../../lua/redis-script.ts';

/**
 * Sets the state of an endpoint. KEYS: 1 the endpoint. ARGV: 1 state, 2 since when it is disabled, or ''.
 * Returns 1, or 0 if there is no such endpoint.
 */
export const changeEndpoint = redisScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', KEYS[1], 'state', ARGV[1])
if ARGV[2] == '' then
  redis.call('HDEL', KEYS[1], 'disabledAt')
else
  redis.call('HSET', KEYS[1], 'disabledAt', ARGV[2])
end
return 1
`);
