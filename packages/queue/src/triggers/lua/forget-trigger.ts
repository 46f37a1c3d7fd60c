import { redisScript } from '../../lua/redis-script.ts';
import { triggerKeys } from '../trigger-keys.ts';

/**
 * Removes a trigger with its secret and its log. Its pushes that have no job yet are left out when they are due.
 *
 * KEYS: 1 the trigger. ARGV: 1 id. Returns 1, or 0 if there is no such trigger.
 */
export const forgetTrigger = redisScript(`
local id = ARGV[1]
redis.call('ZREM', '${triggerKeys.triggers}', id)
redis.call('DEL', '${triggerKeys.secret('')}' .. id, '${triggerKeys.log('')}' .. id)
return redis.call('DEL', KEYS[1])
`);
