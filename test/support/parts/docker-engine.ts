import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { unmountBelow } from './mounts.ts';
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
      // It leaves network namespaces mounted, and the folder can't be removed before they are gone.
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
