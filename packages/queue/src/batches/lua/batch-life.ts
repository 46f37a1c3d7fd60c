import { callbackKeys } from '../../callbacks/callback-keys.ts';
import { batchEntryPrefix, batchKeys, retriesPrefix } from '../batch-keys.ts';

/**
 * What the scripts of jobs and of batches share: a batch counts its jobs by state, in the step that changes the state,
 * and has ended in the step that ends its last job.
 */
export const batchLife = `
local function batchKey(id) return '${batchKeys.batch('')}' .. id end

-- A job of the batch has changed its state; from is nothing for a new one.
local function countInBatch(batch, from, state)
  if redis.call('EXISTS', batchKey(batch)) == 0 then return end
  if from then redis.call('HINCRBY', batchKey(batch), from, -1) end
  redis.call('HINCRBY', batchKey(batch), state, 1)
end

-- A job of the batch is to be begun again; why is a code.
local function retryInBatch(batch, why)
  if redis.call('EXISTS', batchKey(batch)) == 0 then return end
  redis.call('HINCRBY', batchKey(batch), '${retriesPrefix}' .. why, 1)
end

-- Ends the batch if all its jobs have ended: at finishedAt, and its record goes at recordGoes, in ms.
local function endBatch(batch, finishedAt, recordGoes)
  local key = batchKey(batch)
  local counts = redis.call('HMGET', key, 'total', 'completed', 'failed', 'cancelled')
  if not counts[1] or redis.call('HEXISTS', key, 'finishedAt') == 1 then return end
  local ended = (counts[2] or 0) + (counts[3] or 0) + (counts[4] or 0)
  if ended < tonumber(counts[1]) then return end
  redis.call('HSET', key, 'finishedAt', finishedAt)
  if redis.call('HGET', key, 'state') == 'running' then redis.call('HSET', key, 'state', 'finished') end
  redis.call('ZADD', '${batchKeys.expiring}', recordGoes, batch)
  -- The outbox: whoever dies after this step loses no callback.
  if redis.call('HEXISTS', key, 'callback') == 1 then
    redis.call('ZADD', '${callbackKeys.ended}', 0, '${batchEntryPrefix}' .. batch)
  end
end
`;
