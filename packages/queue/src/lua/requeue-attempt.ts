import { jobScript } from './job-life.ts';

/**
 * Ends an attempt whose job is to be tried again, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 when the job has waited too long in ms ('' for never), 4 the attempt's
 * error as JSON ('' for none), 5 the code of why it is tried again, 6 what else it adds to the counts,
 * 7 what is told behind the error's message.
 *
 * Returns 1 if the attempt held the job, else 0 and nothing is changed.
 */
export const requeueAttempt = jobScript(`
local id, attempt, waitingEnds, err, why, tally, next = unpack(ARGV)
if not isHeldBy(id, attempt) then
  return 0
end
moveJob(id, 'queued', waitingEnds)
countRetry(id, why)
countTally(tally)
if err == '' then
  tellHandedOn(id, why)
else
  redis.call('HSET', KEYS[1], 'error', err)
  local fault = cjson.decode(err)
  tell(id, 'state', 'queued', 'code', fault.code, 'message', fault.message .. next)
end
redis.call('HDEL', KEYS[1], 'attempt', 'worker', 'startedAt')
return 1
`);
