import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { workerConcurrency } from './service-sizes.ts';

const dimgx = join(import.meta.dirname, '../dimgx');

export interface RunningService {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** `dimgx up` over a Redis of the bench's; jobs may name images where this one lies. */
export async function startUp(folder: string, redisUrl: string, image: string): Promise<RunningService> {
  const child = spawn(dimgx, ['up', '--port', '0', '--data', join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      REDIS_URL: redisUrl,
      DIMGX_CONCURRENCY: String(workerConcurrency),
      DIMGX_FILE_SOURCES: dirname(image),
    },
  });
  const ended = once(child, 'close');
  let said = '';
  for await (const chunk of child.stdout) {
    said += chunk;
    const url = /serves at (\S+),/.exec(said)?.[1];
    if (url !== undefined) {
      child.stdout.resume();
      return {
        url,
        pid: child.pid ?? -1,
        async stop() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    }
  }
  throw new Error(`dimgx up did not start: ${said}`);
}
