import { setTimeout as delay } from 'node:timers/promises';

const firstPauseMs = 200;
const longestPauseMs = 2000;

export interface Patience {
  /** How long the same fault is borne. */
  readonly forMs: number;
  /** Whether a fault may pass by itself. */
  readonly mayPass: (error: unknown) => boolean;
  readonly signal: AbortSignal;
}

/** Does the work again while it fails for what may pass; then throws the last fault. */
export async function patiently<T>(work: () => Promise<T>, { forMs, mayPass, signal }: Patience): Promise<T> {
  const deadline = performance.now() + forMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error) || performance.now() + pauseMs > deadline) throw error;
    }
    await delay(pauseMs, undefined, { signal });
  }
}
