import { redisScript } from '../../lua/redis-script.ts';

/**
 * Records a new key.
 *
 * KEYS: 1 the key, 2 all keys, 3 whether keys are wanted.
 * ARGV: 1 id, 2 now in ms, 3 how many keys there may be, 4… fields and values.
 *
 * Returns 1, or 0 if there are too many already.
 */
export const createKey = redisScript(`
if redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV, 4))
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
redis.call('SET', KEYS[3], 1)
return 1
`);
