import { callbackScript } from './callback-script.ts';

/**
 * Takes the delivery that is due for longest, and leases it: should its sender die, it is due again when that is over.
 *
 * KEYS: 1 endpoints with something to do. ARGV: 1 now in ms, 2 end of the lease in ms, 3… endpoints to leave out.
 *
 * Returns `{endpoint, fields and values of the delivery…}`, or nothing if nothing is due.
 */
export const claimDelivery = callbackScript(`
local now, lease = tonumber(ARGV[1]), ARGV[2]
local busy = {}
for at = 3, #ARGV do busy[ARGV[at]] = true end
for _, endpoint in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100 + #ARGV)) do
  local first = not busy[endpoint] and redis.call('ZRANGEBYSCORE', dueKey(endpoint), '-inf', now, 'LIMIT', 0, 1)[1]
  if first then
    local fields = redis.call('HGETALL', deliveryKey(first))
    if #fields == 0 then
      redis.call('ZREM', dueKey(endpoint), first)
    else
      redis.call('ZADD', dueKey(endpoint), lease, first)
    end
    placeEndpoint(endpoint)
    if #fields > 0 then
      return {endpoint, unpack(fields)}
    end
  end
end
return {}
`);
