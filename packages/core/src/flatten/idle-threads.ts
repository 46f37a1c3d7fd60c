import { Worker } from 'node:worker_threads';
import type { ToThread } from './thread-messages.ts';

/** A thread that nobody has asked for so long ends. */
const IDLE_MS = 30_000;

interface IdleThread {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
}

const idle = new Map<string, IdleThread[]>();

/** A thread of this module that waits for work: one that is kept, or a new one. */
export function takeThread(script: URL): Worker {
  const kept = idle.get(script.href)?.pop();
  if (kept === undefined) return new Worker(script);
  clearTimeout(kept.timer);
  dropListeners(kept.worker);
  kept.worker.ref();
  return kept.worker;
}

/**
 * Keeps a thread that has done its work for the next: to start one takes longer than to flatten a small image. It
 * holds no process up.
 */
export function keepThread(script: URL, worker: Worker): void {
  const kept = idle.get(script.href) ?? [];
  idle.set(script.href, kept);
  const timer = setTimeout(() => {
    // One that was told to end hears of no more work.
    forget();
    worker.postMessage('end' satisfies ToThread);
  }, IDLE_MS).unref();
  const thread: IdleThread = { worker, timer };
  kept.push(thread);
  worker.unref();
  const forget = (): void => {
    clearTimeout(timer);
    const index = kept.indexOf(thread);
    if (index !== -1) kept.splice(index, 1);
  };
  // Nobody waits for it; who comes next gets another.
  worker.on('error', forget);
  worker.on('exit', forget);
}

/** Those of its user; a worker has some of its own. */
export function dropListeners(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}
