import { redisScript } from '../../lua/redis-script.ts';

/**
 * Takes a token from a bucket that fills up by itself, if it has one. By the clock of Redis, which is the same for all.
 *
 * KEYS: 1 the bucket. ARGV: 1 how many it holds, 2 ms in which an empty one is full.
 *
 * Returns whether there was one (1 or 0), how many are left, ms until there is one, ms until the bucket is full.
 */
export const takeToken = redisScript(`
local capacity, fillMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local passed = math.max(0, now - tonumber(bucket[2] or now))
local tokens = math.min(capacity, tonumber(bucket[1] or capacity) + passed * capacity / fillMs)
local isAllowed = tokens >= 1
if isAllowed then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('PEXPIRE', KEYS[1], fillMs)
local function msUntil(wanted) return math.ceil(math.max(0, wanted - tokens) * fillMs / capacity) end
return {isAllowed and 1 or 0, math.floor(tokens), msUntil(1), msUntil(capacity)}
`);
