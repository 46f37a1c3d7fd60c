import { DimgxError } from '@dimgx/core';

/** Where Redis is, and how one gets in. */
export interface RedisSettings {
  /** In one of the forms of `redisAddress`. */
  readonly url: string;
  /** What the sentinels want to hear, if anything; the URL has what Redis itself wants. */
  readonly sentinelPassword?: string | undefined;
  /** PEM: the authorities to trust, instead of those that this system trusts. */
  readonly caFile?: string | undefined;
  /** PEM: a certificate of ours and its key, where Redis wants one. */
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}

interface Access {
  /** One for a single Redis. Of sentinels and of a cluster, those that are asked for the rest. */
  readonly hosts: readonly RedisHost[];
  readonly isEncrypted: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
}

/** What a Redis URL says. */
export type RedisAddress =
  | (Access & { readonly kind: 'single'; readonly db: number })
  /** `master` is what the sentinels call the Redis that they watch. */
  | (Access & { readonly kind: 'sentinel'; readonly master: string; readonly db: number })
  | (Access & { readonly kind: 'cluster' });

/** A password may hold anything, so the last `@` ends it. */
const form = /^redis(s?)(?:\+(sentinel|cluster))?:\/\/(?:(.*)@)?([^@/]+)(?:\/([^@]*))?$/;
const hostForm = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]?#]+))(?::(\d{1,5}))?$/i;
const paths = { single: /^()(\d*)$/, sentinel: /^([^/?#]+)(?:\/(\d+))?$/, cluster: /^()()$/ } as const;

const redisPort = 6379;
const sentinelPort = 26_379;

/** Throws `CONFIG_INVALID` for what is no Redis URL. */
export function redisAddress(redisUrl: string): RedisAddress {
  const [, s, kind = 'single', credentials = '', hostList = '', path = ''] = form.exec(redisUrl) ?? noUrl();
  const defaultPort = kind === 'sentinel' ? sentinelPort : redisPort;
  const hosts = hostList.split(',').map((text) => parseHost(text, defaultPort));
  const [username, ...password] = credentials.split(':');
  const access = {
    hosts,
    isEncrypted: s === 's',
    username: decoded(username),
    password: decoded(password.join(':')),
  };
  const [, master = '', db] = paths[kind as RedisAddress['kind']].exec(path) ?? noUrl();
  if (kind === 'cluster') return { ...access, kind };
  if (kind === 'sentinel') return { ...access, kind, master: decoded(master) ?? '', db: Number(db ?? 0) };
  if (hosts.length > 1) return noUrl();
  return { ...access, kind: 'single', db: Number(db) };
}

/** What may be shown of an address: no user, and no password. */
export function shownAddress({ hosts }: RedisAddress): string {
  return hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
}

function parseHost(text: string, defaultPort: number): RedisHost {
  const [, address, name, port] = hostForm.exec(text) ?? noUrl();
  return { host: address ?? name ?? noUrl(), port: port === undefined ? defaultPort : Number(port) };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return noUrl();
  }
}

function noUrl(): never {
  throw new DimgxError(
    'CONFIG_INVALID',
    'REDIS_URL must be redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], redis+sentinel://…HOST,HOST/MASTER[/DB] or ' +
      'redis+cluster://…HOST,HOST (with TLS: rediss, and % written as %25)',
  );
}
