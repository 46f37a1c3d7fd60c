import { callbackKeys } from '../callback-keys.ts';
import { callbackScript } from './callback-script.ts';

/** Of an endpoint's log, the oldest deliveries go when there are more. */
const maxLogged = 10_000;

/**
 * Makes a delivery out of an entry of the outbox, in one step with taking it from there; without such an entry (it
 * has been done, by another process) nothing happens. Nothing is made for an endpoint that is gone.
 *
 * KEYS: 1 the endpoint. ARGV: 1 endpoint's id, 2 delivery's id, 3 now in ms, 4 the entry of the outbox, or '' for an
 * event that comes from elsewhere, 5… fields and values.
 *
 * Returns 1 if the delivery was made.
 */
export const queueDelivery = callbackScript(`
local endpoint, id, now, entry = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if entry ~= '' and redis.call('ZREM', '${callbackKeys.ended}', entry) == 0 then
  return 0
end
if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
redis.call('HSET', deliveryKey(id), unpack(ARGV, 5))
keepDelivery(id)
redis.call('ZADD', deliveriesKey(endpoint), 0, id)
redis.call('ZREMRANGEBYRANK', deliveriesKey(endpoint), 0, -${maxLogged} - 1)
redis.call('ZADD', dueKey(endpoint), now, id)
placeEndpoint(endpoint)
return 1
`);
