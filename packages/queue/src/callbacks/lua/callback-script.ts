import { type RedisScript, redisScript } from '../../lua/redis-script.ts';
import { counting } from '../../metrics/lua/counting.ts';
import { callbackKeys } from '../callback-keys.ts';

/** What the scripts of callbacks share. All keys lie in the slot of the one that each is given, by their hash tag. */
const shared = `${counting}
local dayMs = 86400000
local function dueKey(endpoint) return '${callbackKeys.due('')}' .. endpoint end
local function deliveryKey(id) return '${callbackKeys.delivery('')}' .. id end
local function deliveriesKey(endpoint) return '${callbackKeys.deliveries('')}' .. endpoint end

-- Brings the endpoint's place among those with something to do in line with its deliveries.
local function placeEndpoint(endpoint)
  local first = redis.call('ZRANGE', dueKey(endpoint), 0, 0, 'WITHSCORES')
  if first[1] then
    redis.call('ZADD', '${callbackKeys.dueEndpoints}', first[2], endpoint)
  else
    redis.call('ZREM', '${callbackKeys.dueEndpoints}', endpoint)
  end
end

-- A delivery that nobody touches any more goes after a week.
local function keepDelivery(id)
  redis.call('PEXPIRE', deliveryKey(id), 7 * dayMs)
end

local function isLeased(endpoint, id, lease)
  local score = redis.call('ZSCORE', dueKey(endpoint), id)
  return score and tonumber(score) == tonumber(lease)
end
`;

/** A script that may use what is shared. */
export function callbackScript(lua: string): RedisScript {
  return redisScript(shared + lua);
}
