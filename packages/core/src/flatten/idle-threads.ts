import { Worker } from 'node:worker_threads';
import type { ThreadData, ToThread } from './thread-messages.ts';

/** A thread that nobody has asked for so long ends. */
const IDLE_MS = 30_000;

interface IdleThread {
  readonly worker: Worker;
  readonly timer: NodeJS.Timeout;
}

/** Threads of one kind can stand in for each other. */
export interface ThreadKind extends ThreadData {
  /** The module that it runs. */
  readonly script: URL;
}

const idle = new Map<string, IdleThread[]>();

/** A thread of this kind that waits for work: one that is kept, or a new one. */
export function takeThread(kind: ThreadKind): Worker {
  const { script, background } = kind;
  const kept = idle.get(keyOf(kind))?.pop();
  if (kept === undefined) return new Worker(script, { workerData: { background } satisfies ThreadData });
  clearTimeout(kept.timer);
  dropListeners(kept.worker);
  kept.worker.ref();
  return kept.worker;
}

/**
 * Keeps a thread that has done its work for the next: to start one takes longer than to flatten a small image. It
 * holds no process up.
 */
export function keepThread(kind: ThreadKind, worker: Worker): void {
  const key = keyOf(kind);
  const kept = idle.get(key) ?? [];
  idle.set(key, kept);
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

function keyOf({ script, background }: ThreadKind): string {
  return `${background} ${script.href}`;
}

/** Those of its user; a worker has some of its own. */
export function dropListeners(worker: Worker): void {
  for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
}
