import { redisScript } from '../../lua/redis-script.ts';
import { triggerKeys } from '../trigger-keys.ts';

/**
 * Removes a push that has its job, unless a later one of the same tag has come meanwhile.
 *
 * KEYS: 1 pending pushes. ARGV: 1 name, 2 the push as it was taken.
 */
export const settlePush = redisScript(`
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then
  redis.call('HDEL', KEYS[1], ARGV[1])
  redis.call('ZREM', '${triggerKeys.due}', ARGV[1])
end
return 1
`);
