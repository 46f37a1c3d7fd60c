import { DimgxError } from '@dimgx/core';
import { workerLost } from './attempt-watch.ts';

/** What ends one attempt before its work is done: its time, or that the job is not its own any more. */
export class AttemptLimits {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  /** `lockLost` is aborted when BullMQ gives the job to another worker. The caller releases the limits. */
  constructor(timeoutSeconds: number, lockLost: AbortSignal) {
    this.#timer = setTimeout(() => {
      const message = `not done within ${timeoutSeconds} seconds: give the job more by timeoutSeconds`;
      this.end(new DimgxError('TIMED_OUT', message));
    }, timeoutSeconds * 1000);
    lockLost.addEventListener('abort', () => this.end(workerLost()));
  }

  /** Aborted with the reason as a `DimgxError`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(reason: DimgxError): void {
    this.#controller.abort(reason);
  }

  release(): void {
    clearTimeout(this.#timer);
  }
}
