import { redisScript } from '../../lua/redis-script.ts';

/**
 * Makes a trigger, or changes it.
 *
 * KEYS: 1 the trigger, 2 all triggers, 3 its secret.
 * ARGV: 1 id, 2 now in ms, 3 the trigger as JSON, 4 a secret that was given, or '', 5 a secret for a trigger that needs
 * one and has none, or '', 6 how many triggers there may be.
 *
 * Returns 'full', 'told' if the secret is the one of 5, which nobody knows yet, else 'put'.
 */
export const putTrigger = redisScript(`
local id, now, trigger, given, fresh = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('EXISTS', KEYS[1]) == 0 and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[6]) then
  return 'full'
end
redis.call('SET', KEYS[1], trigger)
redis.call('ZADD', KEYS[2], 'NX', now, id)
if given ~= '' then
  redis.call('SET', KEYS[3], given)
elseif fresh == '' then
  redis.call('DEL', KEYS[3])
elseif redis.call('SET', KEYS[3], fresh, 'NX') then
  return 'told'
end
return 'put'
`);
