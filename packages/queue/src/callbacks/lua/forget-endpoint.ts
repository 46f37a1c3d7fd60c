import { callbackKeys } from '../callback-keys.ts';
import { callbackScript } from './callback-script.ts';

/**
 * Removes an endpoint with its secrets and all that was to be sent to it. What is left of its log goes with time.
 *
 * KEYS: 1 the endpoint. ARGV: 1 id. Returns 1, or 0 if there is no such endpoint.
 */
export const forgetEndpoint = callbackScript(`
local id = ARGV[1]
local known = redis.call('DEL', KEYS[1])
redis.call('ZREM', '${callbackKeys.endpoints}', id)
redis.call('DEL', '${callbackKeys.secrets('')}' .. id, dueKey(id), deliveriesKey(id))
placeEndpoint(id)
return known
`);
