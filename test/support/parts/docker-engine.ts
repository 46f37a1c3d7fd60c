import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ServerProcess, startServer } from './server-process.ts';

export interface DockerEngine {
  /** `unix:///…`, as in `DOCKER_HOST`. */
  readonly host: string;
  readonly socketPath: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * A private Docker engine without any network set-up, so that it stands beside another one and touches no
 * firewall; containers run on the host's network. Needs root. Images lie in `folder`, which is created.
 */
export async function startDockerEngine(folder: string): Promise<DockerEngine> {
  await mkdir(folder, { recursive: true });
  const socketPath = join(folder, 'docker.sock');
  const server: ServerProcess = await startServer({
    command: 'dockerd',
    args: [
      ...['--host', `unix://${socketPath}`, '--pidfile', join(folder, 'pid')],
      ...['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')],
      ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
      ...['--userland-proxy=false', '--shutdown-timeout=5'],
    ],
    logFile: join(folder, 'dockerd.log'),
    isReady: () => answersPing(socketPath),
    readyWithin: 60_000,
  });
  return {
    host: `unix://${socketPath}`,
    socketPath,
    pid: server.pid,
    async stop() {
      await server.stop();
      await unmountBelow(folder);
    },
  };
}

function answersPing(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const ping = request({ socketPath, path: '/_ping', timeout: 2000 }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode === 200));
    });
    ping.once('timeout', () => ping.destroy(new Error('no answer')));
    ping.once('error', reject).end();
  });
}

/** dockerd leaves network namespaces and its graph's bind mount behind; the folder can't be removed before. */
async function unmountBelow(folder: string): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  const points = mounts.split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const point of points.filter((path) => path.startsWith(`${folder}/`)).reverse()) {
    await promisify(execFile)('umount', ['--lazy', point]);
  }
}
