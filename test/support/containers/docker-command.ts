import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandPath } from '../parts/command-path.ts';

/** The docker command, with one engine and without anybody's configuration of it. */
export class DockerCommand {
  readonly #environment: NodeJS.ProcessEnv;

  /** `configFolder` need not exist. */
  constructor(host: string, configFolder: string) {
    // The private engine's builder is the classic one.
    const own = { DOCKER_HOST: host, DOCKER_CONFIG: configFolder, DOCKER_BUILDKIT: '0' };
    this.#environment = { PATH: process.env.PATH, HOME: configFolder, ...own };
  }

  /** What it prints on stdout, trimmed. Throws with the end of all that it printed. */
  async run(...args: readonly string[]): Promise<string> {
    const docker = commandPath('docker') ?? 'docker';
    try {
      const options = { env: this.#environment, maxBuffer: 1 << 26 };
      return (await promisify(execFile)(docker, args, options)).stdout.trim();
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      const said = `${stdout}${stderr}`.trimEnd().split('\n').slice(-25).join('\n');
      throw new Error(`docker ${args[0]} failed:\n${said}`, { cause: error });
    }
  }

  /** One value of what the engine tells of a container. */
  inspect(container: string, template: string): Promise<string> {
    return this.run('inspect', '--format', template, container);
  }

  /** Resolves when the container's health check says `state`. Throws if the container ends or takes too long. */
  async untilHealth(container: string, state: 'healthy' | 'unhealthy', within = 60_000): Promise<void> {
    const deadline = performance.now() + within;
    for (;;) {
      const now = await this.inspect(container, '{{.State.Status}} {{.State.Health.Status}}');
      if (now === `running ${state}`) return;
      if (!now.startsWith('running') || performance.now() > deadline) {
        const checks = await this.inspect(container, '{{range .State.Health.Log}}{{.Output}}{{end}}');
        throw new Error(`${container} is ${now}, not ${state}: ${checks}\n${await this.logs(container)}`);
      }
      await delay(100);
    }
  }

  /** The last that the container printed. */
  logs(container: string): Promise<string> {
    return this.run('logs', '--tail', '20', container);
  }
}
