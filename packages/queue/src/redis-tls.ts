import type { ConnectionOptions } from 'node:tls';
import { authorities, readPem } from '@dimgx/core';
import type { RedisSettings } from './redis-address.ts';

/** How an encrypted connection proves the other side, and itself. Throws `CONFIG_INVALID` for unreadable files. */
export function tlsOptions({ caFile, certificateFile, keyFile }: RedisSettings): ConnectionOptions {
  return {
    ca: authorities('REDIS_CA_FILE', caFile),
    ...(certificateFile !== undefined && { cert: readPem('REDIS_CERT_FILE', certificateFile) }),
    ...(keyFile !== undefined && { key: readPem('REDIS_KEY_FILE', keyFile) }),
  };
}
