import { madeBefore } from '../../lua/made-before.ts';
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
export const openBatch = redisScript(`${madeBefore}
local id, now, fingerprint, remember = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if KEYS[3] then
  local before = madeBefore(KEYS[3], fingerprint, '${batchKeys.batch('')}')
  if before then return before end
end
if redis.call('PERSIST', KEYS[2]) == 0 then
  return {'late'}
end
if KEYS[3] then
  rememberMade(KEYS[3], fingerprint, id, remember)
end
redis.call('HSET', KEYS[1], 'built', 0, unpack(ARGV, 5))
redis.call('ZADD', '${batchKeys.batches}', 0, id)
redis.call('ZADD', '${batchKeys.due}', now, id)
return {'opened', id}
`);
