import { ServiceError } from './service-error.ts';

const firstPauseMs = 200;
const longestPauseMs = 2000;
/** Work that runs goes on while the API or Redis is restarted, and so do those who watch it. */
export const watchPatienceMs = 60_000;

export interface Patience {
  /** How long faults are borne that may pass. */
  readonly forMs: number;
  /** Whether a fault may pass by itself. */
  readonly mayPass: (error: unknown) => boolean;
  readonly signal: AbortSignal;
}

/** Does the work again while it fails for what may pass, as late as the service asks for; then throws the last fault. */
export async function patiently<T>(work: () => Promise<T>, { forMs, mayPass, signal }: Patience): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let usualMs = firstPauseMs; ; usualMs = Math.min(2 * usualMs, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const askedMs = error instanceof ServiceError ? (error.retryAfterMs ?? 0) : 0;
      const pauseMs = Math.max(usualMs, askedMs);
      if (!mayPass(error) || performance.now() + pauseMs > deadline) throw error;
      // Whoever was refused at the same time does not come again at the same time.
      await pause(pauseMs + (Math.random() * usualMs) / 2, signal);
    }
  }
}

/** Throws the signal's reason. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
