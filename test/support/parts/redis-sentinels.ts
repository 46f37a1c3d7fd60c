import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import {
  answersPing,
  type RedisOptions,
  type RedisServer,
  redisCommand,
  startRedis,
  writeIdentity,
} from './redis.ts';
import { ask, isReplicated, untilSo } from './redis-cli.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface SentinelOptions extends Pick<RedisOptions, 'password' | 'tls'> {
  readonly sentinelPassword?: string;
}

type Sentinel = ServerProcess & Pick<RedisServer, 'url' | 'caFile' | 'port'>;

/** A master, two replicas and three sentinels on loopback. */
export interface RedisSentinels {
  /** `redis+sentinel://[:PASSWORD@]127.0.0.1:PORT,…/main`, or `rediss+sentinel://…`. */
  readonly url: string;
  readonly caFile?: string;
  readonly sentinelPassword?: string;
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly Sentinel[];
  /** The one that the sentinels name. */
  master(): Promise<RedisServer>;
  /** The same, once a replica has all that was written to it: another may be made the master meanwhile. */
  replicated(): Promise<RedisServer>;
  /** Has the sentinels make another one the master, as before work on its host. */
  failover(): Promise<void>;
  stop(): Promise<void>;
}

/** Their data lies in `folder`, which is created. A server that says nothing for a second is down. */
export async function startRedisSentinels(
  folder: string,
  options: SentinelOptions = {},
): Promise<RedisSentinels> {
  const { password, tls, sentinelPassword } = options;
  await mkdir(folder, { recursive: true });
  await using started = new AsyncDisposableStack();
  const servers: RedisServer[] = [];
  for (let number = 0; number < 3; number++) {
    const args = ['--appendfsync', 'always', '--repl-diskless-sync-delay', '0'];
    if (tls !== undefined) args.push('--tls-replication', 'yes');
    if (password !== undefined) args.push('--masterauth', password);
    if (servers[0] !== undefined) args.push('--replicaof', '127.0.0.1', String(servers[0].port));
    const secrets = { ...(password !== undefined && { password }), ...(tls !== undefined && { tls }) };
    const server = await startRedis(join(folder, `server-${number}`), { args, ...secrets });
    started.defer(() => server.stop());
    servers.push(server);
  }
  const sentinels: Sentinel[] = [];
  for (let number = 0; number < 3; number++) {
    const sentinel = await startSentinel(join(folder, `sentinel-${number}`), servers[0]?.port ?? 0, options);
    started.defer(() => sentinel.stop());
    sentinels.push(sentinel);
  }
  for (const sentinel of sentinels) await untilSo(() => knowsAll(sentinel), 'a sentinel knows all others');

  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',');
  const user = password === undefined ? '' : `:${password}@`;
  const caFile = servers[0]?.caFile;
  const master = () => masterOf(servers, sentinels);
  const all = started.move();
  return {
    ...{ url: `redis${tls === undefined ? '' : 's'}+sentinel://${user}${hosts}/main`, servers, sentinels },
    ...(caFile !== undefined && { caFile }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    master,
    async replicated() {
      let server = await master();
      const isSo = async () => {
        server = await master();
        await isReplicated(server, 2000);
        return (await master()) === server;
      };
      await untilSo(isSo, 'a master has a replica');
      return server;
    },
    failover: async () => void (await ask(sentinels[0] as Sentinel, 'SENTINEL', 'FAILOVER', 'main')),
    stop: () => all.disposeAsync(),
  };
}

/** A sentinel keeps what it learns in its configuration, so that is a file. */
async function startSentinel(
  folder: string,
  masterPort: number,
  options: SentinelOptions,
): Promise<Sentinel> {
  const { password, tls, sentinelPassword } = options;
  await mkdir(folder);
  const port = await freePort();
  const caFile = join(folder, 'certificate.pem');
  if (tls !== undefined) await writeIdentity(folder, tls);
  const lines = [
    ...['bind 127.0.0.1', `dir ${folder}`, 'daemonize no', 'logfile ""'],
    ...(tls === undefined
      ? [`port ${port}`]
      : [
          ...['port 0', `tls-port ${port}`, 'tls-auth-clients no', 'tls-replication yes'],
          ...[
            `tls-ca-cert-file ${caFile}`,
            `tls-cert-file ${caFile}`,
            `tls-key-file ${join(folder, 'key.pem')}`,
          ],
        ]),
    `sentinel monitor main 127.0.0.1 ${masterPort} 2`,
    ...['sentinel down-after-milliseconds main 1000', 'sentinel failover-timeout main 6000'],
    ...(password === undefined ? [] : [`sentinel auth-pass main ${password}`]),
    ...(sentinelPassword === undefined
      ? []
      : [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`]),
  ];
  const file = join(folder, 'sentinel.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  const secrets = {
    ...(sentinelPassword !== undefined && { password: sentinelPassword }),
    ...(tls !== undefined && { tls }),
  };
  const server = await startServer({
    command: redisCommand(),
    args: [file, '--sentinel'],
    logFile: join(folder, 'sentinel.log'),
    isReady: () => answersPing(port, secrets),
  });
  const url = `redis://${sentinelPassword === undefined ? '' : `:${sentinelPassword}@`}127.0.0.1:${port}`;
  return { ...server, url, port, ...(tls !== undefined && { caFile }) };
}

/** All that a failover needs. */
async function knowsAll(sentinel: Sentinel): Promise<boolean> {
  const told = await ask(sentinel, 'SENTINEL', 'MASTER', 'main');
  return (
    /num-slaves\n2\n/.test(told) && /num-other-sentinels\n2\n/.test(told) && /flags\nmaster\n/.test(told)
  );
}

async function masterOf(
  servers: readonly RedisServer[],
  sentinels: readonly Sentinel[],
): Promise<RedisServer> {
  const told = await ask(sentinels[0] as Sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main');
  const master = servers.find(({ port }) => told === `127.0.0.1\n${port}`);
  if (master === undefined) throw new Error(`the sentinels name a master that nobody started: ${told}`);
  return master;
}
