import { callbackKeys } from '../callback-keys.ts';
import { callbackScript } from './callback-script.ts';

/**
 * Has a delivery made now, with all its attempts before it again.
 *
 * KEYS: 1 the delivery. ARGV: 1 endpoint's id, 2 delivery's id, 3 now in ms, 4 the same as RFC 3339.
 *
 * Returns 1, or 0 if the endpoint has no such delivery.
 */
export const redeliver = callbackScript(`
local endpoint, id, now, nextAttemptAt = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local isKnown = redis.call('EXISTS', '${callbackKeys.endpoint('')}' .. endpoint) == 1
if not isKnown or redis.call('HGET', KEYS[1], 'endpoint') ~= endpoint then
  return 0
end
redis.call('HSET', KEYS[1], 'state', 'pending', 'tries', 0, 'nextAttemptAt', nextAttemptAt)
redis.call('HDEL', KEYS[1], 'finishedAt')
keepDelivery(id)
redis.call('ZADD', dueKey(endpoint), now, id)
placeEndpoint(endpoint)
return 1
`);
