import { redisScript } from '../../lua/redis-script.ts';

/** Its last use is written down when it is later than what stands there by more than this. Milliseconds. */
const usedEvery = 60_000;

/**
 * Looks a key up that somebody sends. Nothing is kept of it elsewhere, so one that is revoked is so at once.
 *
 * KEYS: 1 the key. ARGV: 1 digest of what was sent, 2 now in ms.
 *
 * Returns `{'known', scopes}`, `{'expired'}`, or `{'unknown'}`.
 */
export const useKey = redisScript(`
local now = tonumber(ARGV[2])
local key = redis.call('HMGET', KEYS[1], 'digest', 'scopes', 'expires', 'used')
if key[1] ~= ARGV[1] then
  return {'unknown'}
end
if key[3] and tonumber(key[3]) <= now then
  return {'expired'}
end
if tonumber(key[4] or 0) + ${usedEvery} <= now then
  redis.call('HSET', KEYS[1], 'used', ARGV[2])
end
return {'known', key[2]}
`);
