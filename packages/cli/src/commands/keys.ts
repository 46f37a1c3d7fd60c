import type { ApiKey } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { apiKeyRequestSchema, plainWords } from '@dimgx/queue';
import type { z } from 'zod';
import { type KeyRegistry, openKeyRegistry } from '../client/key-registry.ts';
import { readConfiguration } from '../configuration/configuration.ts';
import { redisNames, redisSettings } from '../configuration/redis-settings.ts';
import { oneLine } from '../error-line.ts';
import { plainTable, plainTime } from '../plain-table.ts';
import type { CreateKeyFlags, ListKeysFlags } from './key-options.ts';
import { warnOfUnknownVariables } from './warnings.ts';

/** `dimgx keys create`: the key to stdout, what it is to stderr. */
export async function createKey(name: string, flags: CreateKeyFlags, signal: AbortSignal): Promise<void> {
  const wish = { name, scopes: flags.scope, expiresAt: flags.expires };
  const parsed = apiKeyRequestSchema.safeParse(wish, { error: plainWords });
  if (!parsed.success) throw new DimgxError('USAGE', wrongWish(parsed.error.issues));
  using registry = await configuredRegistry(signal);
  const { apiKey, text } = await registry.create(parsed.data);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ ...apiKey, key: text })}\n`);
    return;
  }
  process.stdout.write(`${text}\n`);
  const { id, scopes, expiresAt } = apiKey;
  const end = expiresAt === undefined ? 'never expires' : `expires ${plainTime(expiresAt)}`;
  process.stderr.write(`key ${id}, ${scopes.join(' ')}, ${end}; it is shown this once\n`);
}

const typedAs: Readonly<Record<string, string>> = {
  name: '<name>',
  scopes: '--scope',
  expiresAt: '--expires',
};

function wrongWish(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path: [field], message }) => `${typedAs[String(field)]} ${message}`).join('; ');
}

/** `dimgx keys list`: a line a key. */
export async function listKeys(flags: ListKeysFlags, signal: AbortSignal): Promise<void> {
  using registry = await configuredRegistry(signal);
  const keys = await registry.list();
  if (flags.json === true) {
    for (const key of keys) process.stdout.write(`${JSON.stringify(key)}\n`);
    return;
  }
  process.stdout.write(plainTable(titles, keys.map(rowOf)));
}

/** `dimgx keys revoke`. */
export async function revokeKey(id: string, signal: AbortSignal): Promise<void> {
  using registry = await configuredRegistry(signal);
  await registry.revoke(id);
  process.stdout.write(`${oneLine(id)} revoked\n`);
}

const titles = ['ID', 'NAME', 'SCOPES', 'CREATED', 'LAST USED', 'EXPIRES'];

function rowOf({ id, name, scopes, createdAt, lastUsedAt, expiresAt }: ApiKey): string[] {
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();
  const end = isOver ? `${plainTime(expiresAt)} (over)` : plainTime(expiresAt);
  return [id, name, scopes.join(','), plainTime(createdAt), plainTime(lastUsedAt), end];
}

function configuredRegistry(signal: AbortSignal): Promise<KeyRegistry> {
  const wanted = { names: ['url', 'token', ...redisNames], needed: [] } as const;
  warnOfUnknownVariables();
  const configuration = readConfiguration(wanted, {}, process.env);
  const { url, token, redisUrl } = configuration;
  const redis = redisUrl === undefined ? undefined : redisSettings(redisUrl, configuration);
  return openKeyRegistry({ url, token, redis }, signal);
}
