import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandPath } from './command-path.ts';
import type { RedisServer } from './redis.ts';

export const redisClients = ['redis-cli', 'valkey-cli'] as const;

const run = promisify(execFile);
const longest = 30_000;

/** What a server says to a command that an operator types. Throws if it says that something is wrong. */
export async function ask(
  { url, caFile, port }: Pick<RedisServer, 'url' | 'caFile' | 'port'>,
  ...words: readonly string[]
): Promise<string> {
  const command = commandPath(...redisClients);
  if (command === undefined) throw new Error('no redis-cli or valkey-cli on this machine');
  const { password } = new URL(url);
  const encrypted = caFile === undefined ? [] : ['--tls', '--cacert', caFile];
  const options = ['-e', '-h', '127.0.0.1', '-p', String(port), ...encrypted];
  const { stdout } = await run(command, [...options, ...words], {
    env: { ...process.env, ...(password !== '' && { REDISCLI_AUTH: password }) },
  });
  return stdout.trimEnd();
}

/** Resolves when a replica of this server, a master, has all that was written to it by now. */
export async function isReplicated(server: RedisServer, within = longest): Promise<void> {
  const written = Number(/^master_repl_offset:(\d+)/m.exec(await ask(server, 'INFO', 'replication'))?.[1]);
  await untilSo(async () => (await replicaOffset(server)) >= written, 'a replica has everything', within);
}

/** How far the replica has come that has come farthest; -1 where no replica follows. */
async function replicaOffset(server: RedisServer): Promise<number> {
  const told = await ask(server, 'INFO', 'replication');
  const offsets = Array.from(told.matchAll(/^slave\d+:.*state=online,offset=(\d+)/gm), ([, at]) =>
    Number(at),
  );
  return Math.max(-1, ...offsets);
}

/** Asks again until `isSo` says yes; a throw means no. */
export async function untilSo(isSo: () => Promise<boolean>, what: string, within = longest): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not so within ${within} ms: ${what}`);
    await delay(50);
  }
}
