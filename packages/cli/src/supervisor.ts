import type { DimgxError } from '@dimgx/core';
import type { PartMessage } from './up/service-part.ts';

/** How long a part may still clean up once whoever started it is gone. */
const orphanMs = 3000;

/**
 * Whoever started this process over an IPC channel, as `dimgx up` does. A part that was started by hand or by an
 * orchestrator has none: then nothing is told, and nobody goes away.
 */
export interface Supervisor {
  /** Aborted when the supervisor is gone; this process then ends by itself, whatever it is at. */
  readonly gone: AbortSignal;
  tell(message: PartMessage): Promise<void>;
}

/** Listens to the channel; a supervisor that died must not leave parts behind. */
export function connectSupervisor(): Supervisor {
  const gone = new AbortController();
  if (!process.connected) return { gone: gone.signal, tell: async () => {} };
  process.once('disconnect', () => {
    gone.abort();
    setTimeout(vanish, orphanMs).unref();
  });
  return {
    gone: gone.signal,
    tell: (message) =>
      new Promise((resolve) => {
        // Whether it arrived or not: that the supervisor is gone is told by the disconnect.
        process.send?.(message, undefined, undefined, () => resolve());
      }),
  };
}

/**
 * Ends this process as an orphan, at once. An exit would first flush the log, which a closed pipe keeps at for ever: sonic-boom's
 * `flushSync` gives up after EAGAIN alone.
 */
export function vanish(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** The message of a fault that ends the part before it was ready. */
export function failedMessage(error: DimgxError): PartMessage {
  return { kind: 'failed', code: error.code, message: error.message };
}
