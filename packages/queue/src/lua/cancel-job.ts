import { channels, keys } from '../key-space.ts';
import { jobScript } from './job-life.ts';

/**
 * Ends a job that has not ended, whoever holds it: its worker can write nothing any more, and is told to stop.
 *
 * KEYS: 1 the job. ARGV: 1 id, 2 the ending, as `finishJob` takes it.
 *
 * Returns the state that the job was in, or nothing if there is no such job.
 */
export const cancelJob = jobScript(`
local id = ARGV[1]
local state = redis.call('HGET', KEYS[1], 'state')
if not state or isFinal(state) then
  return state
end
finishJob(id, ARGV[2])
redis.call('SADD', '${keys.dequeuing}', id)
if state == 'active' then
  redis.call('PUBLISH', '${channels.cancelled}', id)
end
return state
`);
