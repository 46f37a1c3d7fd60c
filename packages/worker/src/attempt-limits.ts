import { DimgxError } from '@dimgx/core';

/** What ends one attempt before its work is done: its time, or that another worker has the job. */
export class AttemptLimits {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** `lockLost` is aborted when BullMQ gives the job to another worker. The caller releases the limits. */
  constructor(timeoutSeconds: number, lockLost: AbortSignal) {
    this.#timer = setTimeout(() => {
      const message = `not done within ${timeoutSeconds} seconds: give the job more by timeoutSeconds`;
      this.#controller.abort(new DimgxError('TIMED_OUT', message));
    }, timeoutSeconds * 1000);
    lockLost.addEventListener('abort', () => this.lose());
  }

  /** Aborted with the reason as a `DimgxError`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  lose(): void {
    this.#controller.abort(workerLost());
  }

  release(): void {
    clearTimeout(this.#timer);
  }
}

export function workerLost(): DimgxError {
  return new DimgxError('WORKER_LOST', 'this worker was silent for too long, and another one has the job');
}
