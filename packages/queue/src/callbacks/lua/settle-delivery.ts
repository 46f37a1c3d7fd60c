import { callbackScript } from './callback-script.ts';

/**
 * Writes what became of an attempt, if its lease still holds.
 *
 * KEYS: 1 the delivery. ARGV: 1 endpoint's id, 2 delivery's id, 3 the lease, 4 time of the next attempt in ms, or ''
 * if there is none, 5 how the attempt came out, 6… fields and values.
 *
 * Returns 1 if written, else 0.
 */
export const settleDelivery = callbackScript(`
local endpoint, id, lease, nextAt, outcome = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if not isLeased(endpoint, id, lease) then
  return 0
end
redis.call('HDEL', KEYS[1], 'nextAttemptAt')
redis.call('HSET', KEYS[1], unpack(ARGV, 6))
count('callbacks_total', redis.call('HGET', KEYS[1], 'type'), outcome)
keepDelivery(id)
if nextAt == '' then
  redis.call('ZREM', dueKey(endpoint), id)
else
  redis.call('ZADD', dueKey(endpoint), nextAt, id)
end
placeEndpoint(endpoint)
return 1
`);
