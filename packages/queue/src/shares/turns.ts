import { batchKeys } from '../batches/batch-keys.ts';
import { keyPrefix, keys } from '../key-space.ts';

/** BullMQ orders waiting jobs by numbers up to 2^21 - 1; each of our priorities has a third of them. */
export const mostTurns = Math.floor((2 ** 21 - 1) / 3);

/**
 * The share of each owner (an API key, a trigger, a schedule) in the workers: waiting jobs of one pool and priority are done by
 * their turn, and a job's turn is as far behind the present one as there are jobs of its owner that wait. So owners are
 * served in rotation, however many jobs each has; see docs/decisions/0010-fair-shares-by-turns.md.
 */
export const turns = `
local function recordKey(id) return '${keys.job('')}' .. id end
local function shareKey(pool, priority) return '${keyPrefix}:share:' .. pool .. ':' .. priority end

local function ownerOf(owner, batch, trigger, schedule)
  local ofBatch = batch and redis.call('HGET', '${batchKeys.batch('')}' .. batch, 'owner')
  local bySelf = trigger and 'trigger/' .. trigger or schedule and 'schedule/' .. schedule
  return owner or ofBatch or bySelf or 'anyone'
end

-- Gives a new job its turn.
local function takeTurn(id)
  local job = redis.call('HMGET', recordKey(id), 'pool', 'priority', 'owner', 'batch', 'trigger', 'schedule')
  local share = shareKey(job[1], job[2])
  local line = share .. ':' .. ownerOf(job[3], job[4], job[5], job[6])
  redis.call('SADD', line, id)
  local turn = tonumber(redis.call('GET', share) or 0) + redis.call('SCARD', line)
  redis.call('HSET', recordKey(id), 'turn', math.min(turn, ${mostTurns}), 'share', share, 'line', line)
end

-- A worker has the job: it is now the turn of those that have the same.
local function passTurn(id)
  local job = redis.call('HMGET', recordKey(id), 'share', 'turn')
  if job[1] and tonumber(job[2]) > tonumber(redis.call('GET', job[1]) or 0) then
    redis.call('SET', job[1], job[2])
  end
end

-- The job does not wait for its turn any more. Turns begin anew when nothing waits in the pool.
local function leaveLine(id)
  local job = redis.call('HMGET', recordKey(id), 'line', 'pool')
  if not job[1] then return end
  redis.call('SREM', job[1], id)
  redis.call('HDEL', recordKey(id), 'line')
  if redis.call('ZCARD', '${keyPrefix}:pool:' .. job[2] .. ':queued') > 0 then return end
  redis.call('DEL', shareKey(job[2], 'high'), shareKey(job[2], 'normal'), shareKey(job[2], 'low'))
end
`;
