import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerSettings } from '@dimgx/worker';

export interface WorkerProcess {
  readonly pid: number;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
}

const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));

/** Starts a worker in a process of its own; resolves when it takes jobs. */
export async function spawnWorker(settings: Omit<WorkerSettings, 'log'>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--conditions=dimgx-source', script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const said = await Promise.race([once(child.stdout, 'data'), exited]);
  if (child.exitCode !== null || child.pid === undefined)
    throw new Error(`the worker ended at once: ${said}`);
  // Its log; nobody would read the pipe otherwise.
  child.stdout.resume();
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    return (await exited)[0];
  };
  return { pid: child.pid, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}
