import { keyPrefix } from '../key-space.ts';

/** Where API keys stand in Redis. */
export const apiKeySpace = {
  key: (id: string) => `${keyPrefix}:api-key:${id}`,
  /** Ids of all keys, by the time they were made. */
  all: `${keyPrefix}:api-keys`,
  /** Is there from the first key on, also when the last one is revoked: a service once closed stays so. */
  wanted: `${keyPrefix}:api-keys-wanted`,
} as const;
