import { scheduleScript } from './schedule-script.ts';

/**
 * Writes down what became of a run by hand; under an idempotency key, once.
 *
 * KEYS: 1 the schedule, 2 the idempotency key (left out without one).
 * ARGV: 1 id, 2 the run as JSON, 3 as of `noteRun`, 4 fingerprint of the request, 5 ms that the key is remembered.
 *
 * Returns the run that stands for the key.
 */
export const noteScheduleRun = scheduleScript(`
local id, run, made, fingerprint, remember = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if KEYS[2] then
  local known = redis.call('HGET', KEYS[2], 'run')
  if known then return known end
  redis.call('HSETNX', KEYS[2], 'id', id)
  redis.call('HSET', KEYS[2], 'fingerprint', fingerprint, 'run', run)
  redis.call('PEXPIRE', KEYS[2], remember)
end
if redis.call('EXISTS', KEYS[1]) == 1 then
  noteRun(id, run, made)
end
return run
`);
