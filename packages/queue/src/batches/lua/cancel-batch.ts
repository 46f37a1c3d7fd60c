import { redisScript } from '../../lua/redis-script.ts';
import { batchKeys } from '../batch-keys.ts';
import { batchLife } from './batch-life.ts';

/**
 * Cancels a batch that has not ended: from now on it gets no further job, and those that it has are due to be cancelled.
 *
 * KEYS: 1 the batch. ARGV: 1 id, 2 now in ms, 3 the same as RFC 3339, 4 when the record goes, should it end with this.
 *
 * Returns `running` if it was cancelled now, else the state that it is in, or nothing if there is no such batch.
 */
export const cancelBatch = redisScript(`${batchLife}
local id, now, finishedAt, recordGoes = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local record = redis.call('HMGET', KEYS[1], 'state', 'built', 'total')
if record[1] ~= 'running' then
  return record[1]
end
redis.call('HSET', KEYS[1], 'state', 'cancelled', 'built', record[3])
redis.call('HINCRBY', KEYS[1], 'cancelled', record[3] - record[2])
redis.call('UNLINK', '${batchKeys.items('')}' .. id)
redis.call('ZADD', '${batchKeys.due}', now, id)
endBatch(id, finishedAt, recordGoes)
return record[1]
`);
