import { keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Records a new job as queued, or finds the one that the same idempotency key made before.
 *
 * KEYS: 1 the job, 2 the idempotency key (left out without one).
 * ARGV: 1 id, 2 fingerprint of the request, 3 ms that the idempotency key is remembered, 4 when the job has waited too
 * long in ms ('' for never), 5 its indexes as JSON, 6… fields and values of the job.
 *
 * Returns `{'created', id}`, `{'known', id}` or `{'mismatch', id}`.
 */
export const createJob = jobScript(`
local id, fingerprint, remember, waitingEnds, indexes = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if KEYS[2] then
  local known = redis.call('HMGET', KEYS[2], 'fingerprint', 'id')
  if known[1] and known[1] ~= fingerprint then
    return {'mismatch', known[2]}
  end
  -- A job's record may go before its key does.
  if known[1] and redis.call('EXISTS', '${keys.job('')}' .. known[2]) == 1 then
    return {'known', known[2]}
  end
  redis.call('HSET', KEYS[2], 'fingerprint', fingerprint, 'id', id)
  redis.call('PEXPIRE', KEYS[2], remember)
end
recordJob(id, waitingEnds, indexes, {unpack(ARGV, 6)})
return {'created', id}
`);
