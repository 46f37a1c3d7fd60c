import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { SelfSigned } from '../self-signed-certificate.ts';
import { commandPath } from './command-path.ts';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface RedisServer {
  /** `redis://[:PASSWORD@]127.0.0.1:PORT`, or `rediss://…`. */
  readonly url: string;
  /** Of a `rediss://`, what signed its certificate. */
  readonly caFile?: string;
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  stop(): Promise<void>;
  /** Dies at once, as on a power cut. */
  kill(): Promise<void>;
  /** Comes up again on the same port with what its append-only file kept. Only after `stop` or `kill`. */
  restart(): Promise<void>;
}

export interface RedisOptions {
  readonly password?: string;
  /** Speaks TLS alone, with this certificate. */
  readonly tls?: SelfSigned;
  /** Wants a certificate that was signed by its own one. */
  readonly certifiedClients?: boolean;
  /** Further arguments, such as `--maxmemory-policy allkeys-lru`. */
  readonly args?: readonly string[];
}

export const redisCommands = ['redis-server', 'valkey-server'] as const;

/** A private Redis as BullMQ wants it: append-only, no eviction. Its data lies in `folder`, which is created. */
export async function startRedis(folder: string, options: RedisOptions = {}): Promise<RedisServer> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const { password, tls } = options;
  const caFile = join(folder, 'certificate.pem');
  if (tls !== undefined) await writeIdentity(folder, tls);
  const start = () => startRedisProcess(folder, port, options);
  let server: ServerProcess = await start();
  const scheme = tls === undefined ? 'redis' : 'rediss';
  return {
    url: `${scheme}://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`,
    ...(tls !== undefined && { caFile }),
    port,
    get pid() {
      return server.pid;
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    async restart() {
      server = await start();
    },
  };
}

/** Files as servers and clients want them: `certificate.pem` and `key.pem`. */
export async function writeIdentity(folder: string, { certificate, privateKey }: SelfSigned): Promise<void> {
  await writeFile(join(folder, 'certificate.pem'), certificate);
  await writeFile(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
}

function startRedisProcess(folder: string, port: number, options: RedisOptions): Promise<ServerProcess> {
  const { password, args = [] } = options;
  return startServer({
    command: redisCommand(),
    args: [
      ...['--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'],
      ...portArguments(folder, port, options),
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
      ...['--maxmemory-policy', 'noeviction'],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...args,
    ],
    logFile: join(folder, 'redis.log'),
    isReady: () => answersPing(port, options),
  });
}

export function redisCommand(): string {
  const command = commandPath(...redisCommands);
  if (command === undefined) throw new Error('no redis-server or valkey-server on this machine');
  return command;
}

function portArguments(
  folder: string,
  port: number,
  { tls, certifiedClients = false }: RedisOptions,
): string[] {
  if (tls === undefined) return ['--port', String(port)];
  const certificate = join(folder, 'certificate.pem');
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-ca-cert-file', certificate],
    ...['--tls-cert-file', certificate, '--tls-key-file', join(folder, 'key.pem')],
    ...['--tls-auth-clients', certifiedClients ? 'yes' : 'no'],
  ];
}

/** Inline commands, so that no client library is needed. +LOADING and -NOAUTH answers mean "not yet". */
export function answersPing(port: number, { password, tls }: RedisOptions = {}): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls === undefined ? connect(port, '127.0.0.1') : connectTls({ port, ...identityOf(tls) });
    let answer = '';
    socket.setEncoding('latin1');
    socket.setTimeout(2000, () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(answer.includes('+PONG')));
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.end(`${password === undefined ? '' : `AUTH ${password}\r\n`}PING\r\nQUIT\r\n`);
  });
}

function identityOf({ certificate, privateKey }: SelfSigned) {
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { host: '127.0.0.1', ca: certificate, cert: certificate, key };
}
