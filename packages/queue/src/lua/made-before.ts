/**
 * What an idempotency key has made before. Lua, for the scripts that make something for one: a hash of the request's
 * fingerprint and the id of what was made.
 */
export const madeBefore = `
-- The answer to a request whose key was used: 'known' or 'mismatch', with the id; nothing for one that is new. What was
-- made has its record below recordPrefix, which may go before the key does.
local function madeBefore(key, fingerprint, recordPrefix)
  local known = redis.call('HMGET', key, 'fingerprint', 'id')
  if not known[1] then return nil end
  if known[1] ~= fingerprint then return {'mismatch', known[2]} end
  return redis.call('EXISTS', recordPrefix .. known[2]) == 1 and {'known', known[2]} or nil
end

-- For so many ms.
local function rememberMade(key, fingerprint, id, remember)
  redis.call('HSET', key, 'fingerprint', fingerprint, 'id', id)
  redis.call('PEXPIRE', key, remember)
end
`;
