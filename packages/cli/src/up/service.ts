import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.ts';
import { freePort } from './free-port.ts';
import { Part, type PartPlan } from './part.ts';
import { PartLog } from './part-log.ts';
import { findRedisCommand } from './redis-command.ts';
import { awaitFormerRedis, redisPart } from './redis-part.ts';
import { answeringEndsWithinMs, servicePart } from './service-part.ts';

export interface ServiceOptions {
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  /** The Redis to use; without it, a private one. */
  readonly redisUrl?: string | undefined;
  /** Where artifacts go; without it, below the data folder. */
  readonly store?: string | undefined;
  readonly temporary?: string | undefined;
  readonly data: DataFolder;
  /** Further variables for the API and the workers. */
  readonly environment: Readonly<Record<string, string>>;
  /** Gets a line about a part. */
  readonly say: (part: string, line: string) => void;
  /** Gives up starting. Once the service runs, `stop` ends it. */
  readonly signal: AbortSignal;
}

/** The whole service on this machine, each part a process of its own. */
export interface Service {
  /** Where its API answers. */
  readonly url: string;
  /** In order, each part at its leisure: workers, API, Redis. Harmless twice. */
  stop(): Promise<void>;
  /** At once, whatever they are doing; resolves when they are gone. */
  kill(): Promise<void>;
}

/** Starts Redis, API and workers, each when the one before is ready. What was started does not outlive a fault. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { host, signal } = options;
  const port = options.port === 0 ? await freePort() : options.port;
  const parts = new RunningParts(options);
  try {
    const redisUrl = options.redisUrl ?? (await startRedis(parts, options));
    const environment = {
      ...options.environment,
      REDIS_URL: redisUrl,
      DIMGX_STORE: options.store ?? `file:${options.data.artifacts}`,
      DIMGX_TMP: options.temporary ?? options.data.temporary,
      DIMGX_HOST: host,
      DIMGX_PORT: String(port),
    };
    await parts.startOwn('api', 'api', environment, answeringEndsWithinMs);
    const numbers = Array.from({ length: options.workers }, (_, index) => index + 1);
    await Promise.all(numbers.map((number) => parts.startOwn(`worker-${number}`, 'worker', environment)));
    signal.throwIfAborted();
  } catch (error) {
    await parts.stop();
    throw error;
  }
  return { url: `http://${urlHost(host)}:${port}`, stop: () => parts.stop(), kill: () => parts.kill() };
}

async function startRedis(parts: RunningParts, { data, signal }: ServiceOptions): Promise<string> {
  await awaitFormerRedis(data.redis, signal);
  const command = await findRedisCommand(signal);
  const port = await freePort();
  const password = randomBytes(24).toString('hex');
  await parts.start('redis', (log) => redisPart({ command, folder: data.redis, port, password }, log));
  return `redis://:${password}@127.0.0.1:${port}`;
}

/** An address that listens everywhere is reached at this one. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** What has been started, to be stopped the other way round. */
class RunningParts {
  readonly #options: ServiceOptions;
  readonly #parts: Part[] = [];
  readonly #killAll = (): void => {
    for (const part of this.#parts) part.kill();
  };

  constructor(options: ServiceOptions) {
    this.#options = options;
    // A second signal, or a fault that nobody caught: nothing stays.
    process.on('exit', this.#killAll);
  }

  async start(name: string, plan: (log: PartLog) => PartPlan): Promise<void> {
    const say = (line: string): void => this.#options.say(name, line);
    const file = join(this.#options.data.logs, `${name}.log`);
    const log = await PartLog.open(file, (error) => say(`its log can't be written: ${error.message}`));
    const part = new Part(plan(log), log, say);
    this.#parts.push(part);
    await part.start(this.#options.signal);
  }

  startOwn(
    name: string,
    command: 'api' | 'worker',
    environment: Readonly<Record<string, string>>,
    endsWithinMs?: number,
  ): Promise<void> {
    const onWarning = (message: string): void => this.#options.say(name, message);
    return this.start(name, (log) =>
      servicePart({
        name,
        command,
        environment,
        log,
        onWarning,
        ...(endsWithinMs !== undefined && { endsWithinMs }),
      }),
    );
  }

  kill(): Promise<void> {
    this.#killAll();
    return this.stop();
  }

  async stop(): Promise<void> {
    const named = (pattern: RegExp): Part[] => this.#parts.filter((part) => pattern.test(part.name));
    for (const group of [named(/^worker/), named(/^api/), named(/^redis/)]) {
      await Promise.all(group.map((part) => part.stop()));
    }
    process.off('exit', this.#killAll);
  }
}
