import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { dimgx } from './contestants.ts';
import type { WorkerFigures } from './worker-figures.ts';

/** A worker as users start it, which tells what it uses. It ends with this process. */
export interface MeasuredWorker {
  /** Since the last call. */
  figures(): Promise<WorkerFigures>;
  stop(): Promise<void>;
}

/** Resolves when it takes jobs; throws if it can't. The settings are those of its environment. */
export async function startMeasuredWorker(
  settings: Readonly<Record<string, string>>,
): Promise<MeasuredWorker> {
  const preload = join(import.meta.dirname, 'worker-figures.ts');
  const child = spawn(dimgx, ['worker'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, ...settings, NODE_OPTIONS: `--import=${preload}` },
  });
  const ended = once(child, 'close');
  const told = await Promise.race([once(child, 'message'), ended]);
  if (told[0]?.kind !== 'ready') throw new Error('the worker did not start');
  return {
    async figures() {
      const [figures] = await Promise.all([once(child, 'message'), child.send('tell')]);
      return figures[0] as WorkerFigures;
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
