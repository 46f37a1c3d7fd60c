import { batchLife } from '../batches/lua/batch-life.ts';
import { callbackKeys } from '../callbacks/callback-keys.ts';
import { finalStates, jobStates } from '../job-record.ts';
import { channels, keyPrefix, keys } from '../key-space.ts';
import { counting } from '../metrics/lua/counting.ts';
import { turns } from '../shares/turns.ts';
import { type RedisScript, redisScript } from './redis-script.ts';

/** Of a job's journal, the oldest entries go when there are more. */
export const maxJournal = 1000;

/**
 * What the scripts share that change jobs. All their keys lie in the slot of the one key that each script is given,
 * by their hash tag.
 *
 * `moveJob` is the one place where a job changes its state, `finishJob` the one place where it ends (completed, failed
 * or cancelled, by whichever script): what must happen in the same step with a change of state, such as counting, or
 * with the end, such as an outbox entry for a callback, belongs into these two.
 */
const jobLife = `${batchLife}${turns}${counting}
local allStates = {${jobStates.map((state) => `'${state}'`).join(', ')}}
local function jobKey(id) return '${keys.job('')}' .. id end
local function journalKey(id) return '${keys.journal('')}' .. id end
local function stateKey(state) return '${keys.jobsIn('')}' .. state end
local function poolKey(pool, state) return '${keyPrefix}:pool:' .. pool .. ':' .. state end

local function isFinal(state)
  return ${finalStates.map((state) => `state == '${state}'`).join(' or ')}
end

-- Whoever watches the job looks at it again.
local function announce(id)
  redis.call('PUBLISH', '${channels.changed('')}' .. id, '')
end

-- In ms.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- How long ago the job was submitted, in ms: its id begins with the time.
local function age(id)
  local digits = string.gsub(string.sub(id, 1, 13), '-', '')
  return math.max(0, now() - (tonumber(digits, 16) or now()))
end

-- Adds an entry to the job's journal: its number, the time in ms, then fields and values. A list, as a stream would
-- take 4 KiB for a single one.
local function tell(id, ...)
  local number = redis.call('HINCRBY', jobKey(id), 'told', 1)
  redis.call('RPUSH', journalKey(id), cjson.encode({number, now(), ...}))
  redis.call('LTRIM', journalKey(id), -${maxJournal}, -1)
  announce(id)
end

-- Of an attempt that ends by no fault of the job's: the record still says which worker had it.
local function tellHandedOn(id, code)
  local ended = code == 'INTERRUPTED' and 'was stopped' or 'was silent for too long, it may have died'
  local worker = redis.call('HGET', jobKey(id), 'worker') or '?'
  tell(id, 'state', 'queued', 'code', code, 'message', 'worker ' .. worker .. ' ' .. ended .. ': the next one takes the job')
end

local function isHeldBy(id, attempt)
  local held = redis.call('HMGET', jobKey(id), 'state', 'attempt')
  return held[1] == 'active' and held[2] == attempt
end

-- 'held', 'cancelled', or 'lost': another attempt has the job, or it has ended otherwise.
local function standingOf(id, attempt)
  if isHeldBy(id, attempt) then return 'held' end
  return redis.call('HGET', jobKey(id), 'state') == 'cancelled' and 'cancelled' or 'lost'
end

-- Brings the unfinished jobs of its pool, and the pools that have any, in line with the job's state.
local function placeInPool(id, state)
  local pool = redis.call('HGET', jobKey(id), 'pool')
  for _, each in ipairs({'queued', 'active'}) do
    if each == state then
      redis.call('ZADD', poolKey(pool, each), 0, id)
    else
      redis.call('ZREM', poolKey(pool, each), id)
    end
  end
  if redis.call('EXISTS', poolKey(pool, 'queued'), poolKey(pool, 'active')) > 0 then
    redis.call('SADD', '${keys.pools}', pool)
  else
    redis.call('SREM', '${keys.pools}', pool)
  end
end

-- Changes the state. A queued job has to be taken before waitingEnds, unless that is ''.
local function moveJob(id, state, waitingEnds)
  local record = redis.call('HMGET', jobKey(id), 'state', 'batch')
  local from, batch = record[1], record[2]
  if from then redis.call('ZREM', stateKey(from), id) end
  redis.call('HSET', jobKey(id), 'state', state)
  placeInPool(id, state)
  redis.call('ZADD', stateKey(state), 0, id)
  if state == 'queued' and waitingEnds ~= '' then
    redis.call('ZADD', '${keys.waiting}', waitingEnds, id)
  else
    redis.call('ZREM', '${keys.waiting}', id)
  end
  if batch then countInBatch(batch, from, state) end
  if state ~= 'queued' then leaveLine(id) end
end

-- The job is begun again; why is a code.
local function countRetry(id, why)
  count('job_retries_total', why)
  local batch = redis.call('HGET', jobKey(id), 'batch')
  if batch then retryInBatch(batch, why) end
end

-- Writes down a new job as queued: its indexes as JSON, its fields as a list of names and values.
local function recordJob(id, waitingEnds, indexes, fields)
  redis.call('HSET', jobKey(id), 'indexes', indexes, unpack(fields))
  for _, index in ipairs(cjson.decode(indexes)) do
    redis.call('ZADD', index, 0, id)
  end
  moveJob(id, 'queued', waitingEnds)
  takeTurn(id)
  tell(id, 'state', 'queued')
  local from = redis.call('HMGET', jobKey(id), 'kind', 'batch', 'schedule', 'trigger')
  local origin = from[2] and 'batch' or from[3] and 'schedule' or from[4] and 'trigger' or 'request'
  count('jobs_submitted_total', from[1], origin)
end

-- Ends a job that has not ended. The ending is JSON: state, recordGoes and logGoes in ms, and fields, a list of names
-- and values to set. Nothing else may end one.
local function finishJob(id, ending)
  local how = cjson.decode(ending)
  moveJob(id, how.state)
  redis.call('HDEL', jobKey(id), 'attempt')
  redis.call('HSET', jobKey(id), unpack(how.fields))
  redis.call('ZADD', '${keys.expiring}', how.recordGoes, id)
  if how.state == 'failed' then
    local fault = cjson.decode(redis.call('HGET', jobKey(id), 'error'))
    tell(id, 'state', how.state, 'code', fault.code, 'message', fault.message)
    count('jobs_failed_total', fault.code)
  else
    tell(id, 'state', how.state)
  end
  redis.call('PEXPIREAT', journalKey(id), how.logGoes)
  -- The outbox: whoever dies after this step loses no callback.
  if redis.call('HEXISTS', jobKey(id), 'callback') == 1 then
    redis.call('ZADD', '${callbackKeys.ended}', 0, id)
  end
  local record = redis.call('HMGET', jobKey(id), 'kind', 'batch', 'finishedAt')
  count('jobs_ended_total', record[1], how.state)
  observe(age(id), 'job_duration_seconds', record[1], how.state)
  if record[2] then endBatch(record[2], record[3], how.recordGoes) end
end

-- Removes all that is known of a job. Its record may be gone already, by accident: then only from the indexes that
-- every job is in.
local function forgetJob(id)
  local indexes = redis.call('HGET', jobKey(id), 'indexes')
  for _, index in ipairs(indexes and cjson.decode(indexes) or {'${keys.jobs}'}) do
    redis.call('ZREM', index, id)
  end
  for _, state in ipairs(allStates) do
    redis.call('ZREM', stateKey(state), id)
  end
  for _, pool in ipairs(redis.call('SMEMBERS', '${keys.pools}')) do
    redis.call('ZREM', poolKey(pool, 'queued'), id)
    redis.call('ZREM', poolKey(pool, 'active'), id)
  end
  redis.call('ZREM', '${keys.waiting}', id)
  redis.call('ZREM', '${keys.expiring}', id)
  redis.call('DEL', jobKey(id), journalKey(id))
end
`;

/** A script that may use what `jobLife` has. */
export function jobScript(lua: string): RedisScript {
  return redisScript(jobLife + lua);
}
