import { readFile } from 'node:fs/promises';
import { type ConnectionOptions, getCACertificates } from 'node:tls';
import { DimgxError, systemCode } from '@dimgx/core';
import type { RedisSettings } from './redis-address.ts';

/** How an encrypted connection proves the other side, and itself. Throws `CONFIG_INVALID` for unreadable files. */
export async function tlsOptions(settings: RedisSettings): Promise<ConnectionOptions> {
  const { caFile, certificateFile, keyFile } = settings;
  return {
    ca: caFile === undefined ? everydayAuthorities() : await readPem('REDIS_CA_FILE', caFile),
    ...(certificateFile !== undefined && { cert: await readPem('REDIS_CERT_FILE', certificateFile) }),
    ...(keyFile !== undefined && { key: await readPem('REDIS_KEY_FILE', keyFile) }),
  };
}

/** Node's own, those of NODE_EXTRA_CA_CERTS, and those that this system trusts. */
function everydayAuthorities(): string[] {
  return [...getCACertificates('default'), ...getCACertificates('system')];
}

async function readPem(variable: string, file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    const why = systemCode(cause) ?? 'unknown fault';
    throw new DimgxError('CONFIG_INVALID', `${variable} ${file} can't be read: ${why}`, { cause });
  });
  // Without one, nobody would be trusted and no key found, which is told only when a connection fails.
  if (!text.includes('-----BEGIN ')) {
    throw new DimgxError('CONFIG_INVALID', `${variable} ${file} holds no PEM`);
  }
  return text;
}
