import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { commandPath } from './command-path.ts';
import { freePort } from './free-port.ts';
import { type ServerProcess, startServer } from './server-process.ts';

export interface RedisServer {
  /** `redis://[:PASSWORD@]127.0.0.1:PORT`. */
  readonly url: string;
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
  /** Further arguments, such as `--maxmemory-policy allkeys-lru`. */
  readonly args?: readonly string[];
}

export const redisCommands = ['redis-server', 'valkey-server'] as const;

/** A private Redis as BullMQ wants it: append-only, no eviction. Its data lies in `folder`, which is created. */
export async function startRedis(folder: string, options: RedisOptions = {}): Promise<RedisServer> {
  await mkdir(folder, { recursive: true });
  const port = await freePort();
  const { password } = options;
  const start = () => startRedisProcess(folder, port, options);
  let server: ServerProcess = await start();
  return {
    url: password === undefined ? `redis://127.0.0.1:${port}` : `redis://:${password}@127.0.0.1:${port}`,
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

function startRedisProcess(folder: string, port: number, options: RedisOptions): Promise<ServerProcess> {
  const command = commandPath(...redisCommands);
  if (command === undefined) throw new Error('no redis-server or valkey-server on this machine');
  const { password, args = [] } = options;
  return startServer({
    command,
    args: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--daemonize', 'no'],
      ...[
        '--appendonly',
        'yes',
        '--appendfsync',
        'everysec',
        '--save',
        '',
        '--maxmemory-policy',
        'noeviction',
      ],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...args,
    ],
    logFile: join(folder, 'redis.log'),
    isReady: () => answersPing(port, password),
  });
}

/** Inline commands, so that no client library is needed. +LOADING and -NOAUTH answers mean "not yet". */
function answersPing(port: number, password: string | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
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
