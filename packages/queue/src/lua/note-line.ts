import { jobScript } from './job-life.ts';

/**
 * Adds a line of an attempt to the job's journal, if it is still the job's attempt.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 attempt, 3 level, 4 phase ('' for none), 5 message.
 */
export const noteLine = jobScript(`
local id, attempt, level, phase, message = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if isHeldBy(id, attempt) then
  local count = redis.call('HGET', KEYS[1], 'attempts')
  tell(id, 'attempt', count, 'level', level, 'phase', phase, 'message', message)
end
`);
