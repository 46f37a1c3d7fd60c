import { keyPrefix } from '../key-space.ts';

export const callbackKeys = {
  /** Ids of jobs that have ended and whose callback is not queued yet: the outbox that `finishJob` writes to. */
  ended: `${keyPrefix}:callbacks-ended`,
  /** Ids of all endpoints, by the time they were registered. */
  endpoints: `${keyPrefix}:callbacks`,
  endpoint: (id: string) => `${keyPrefix}:callback:${id}`,
  /** The secrets that sign now, by the time at which each stops. */
  secrets: (id: string) => `${keyPrefix}:callback-secrets:${id}`,
  delivery: (id: string) => `${keyPrefix}:callback-delivery:${id}`,
  /** The deliveries of an endpoint, all with score 0: in the order of their creation, by name. */
  deliveries: (endpoint: string) => `${keyPrefix}:callback-deliveries:${endpoint}`,
  /** Those of them that are still to be made, by the time of the next attempt, or the end of the present one's lease. */
  due: (endpoint: string) => `${keyPrefix}:callback-due:${endpoint}`,
  /** The endpoints with such deliveries, by the time of the first. */
  dueEndpoints: `${keyPrefix}:callbacks-due`,
} as const;
