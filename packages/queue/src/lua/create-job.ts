import { keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';
import { madeBefore } from './made-before.ts';

/**
 * Records a new job as queued, or finds the one that the same idempotency key made before.
 *
 * KEYS: 1 the job, 2 the idempotency key (left out without one).
 * ARGV: 1 id, 2 fingerprint of the request, 3 ms that the idempotency key is remembered, 4 when the job has waited too
 * long in ms ('' for never), 5 its indexes as JSON, 6… fields and values of the job.
 *
 * Returns `{'created', id}`, `{'known', id}` or `{'mismatch', id}`.
 */
export const createJob = jobScript(`${madeBefore}
local id, fingerprint, remember, waitingEnds, indexes = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if KEYS[2] then
  local before = madeBefore(KEYS[2], fingerprint, '${keys.job('')}')
  if before then return before end
  rememberMade(KEYS[2], fingerprint, id, remember)
end
recordJob(id, waitingEnds, indexes, {unpack(ARGV, 6)})
return {'created', id}
`);
