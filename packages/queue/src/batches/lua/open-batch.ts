import { redisScript } from '../../lua/redis-script.ts';
import { batchKeys } from '../batch-keys.ts';

/**
 * Takes in a batch whose requests lie ready, or finds the one that the same idempotency key made before. Until this
 * step nobody knows of the batch, and what lies ready goes by itself; after it, its jobs are made whoever dies.
 *
 * KEYS: 1 the batch, 2 its requests, 3 the idempotency key (left out without one).
 * ARGV: 1 id, 2 now in ms, 3 fingerprint of the request, 4 ms that the idempotency key is remembered, 5… fields and
 * values of the batch.
 *
 * Returns `{'opened', id}`, `{'known', id}`, `{'mismatch', id}`, or `{'late'}` if the requests have gone meanwhile.
 */
export const openBatch = redisScript(`
local id, now, fingerprint, remember = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if KEYS[3] then
  local known = redis.call('HMGET', KEYS[3], 'fingerprint', 'id')
  if known[1] and known[1] ~= fingerprint then
    return {'mismatch', known[2]}
  end
  -- A batch's record may go before its key does.
  if known[1] and redis.call('EXISTS', '${batchKeys.batch('')}' .. known[2]) == 1 then
    return {'known', known[2]}
  end
end
if redis.call('PERSIST', KEYS[2]) == 0 then
  return {'late'}
end
if KEYS[3] then
  redis.call('HSET', KEYS[3], 'fingerprint', fingerprint, 'id', id)
  redis.call('PEXPIRE', KEYS[3], remember)
end
redis.call('HSET', KEYS[1], 'built', 0, unpack(ARGV, 5))
redis.call('ZADD', '${batchKeys.batches}', 0, id)
redis.call('ZADD', '${batchKeys.due}', now, id)
return {'opened', id}
`);
