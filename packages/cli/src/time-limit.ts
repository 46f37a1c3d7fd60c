import { DimgxError } from '@dimgx/core';
import { formatCount } from './quantity.ts';

/** Ends a run when its time is up. To be disposed of with the run. */
export class TimeLimit implements Disposable {
  /** Aborted as the run's own signal is, or with `TIMED_OUT`. */
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(seconds: number, run: AbortSignal) {
    const controller = new AbortController();
    const message = `not done within ${formatCount(seconds, 'second')}; --timeout or DIMGX_TIMEOUT gives more`;
    this.#timer = setTimeout(() => controller.abort(new DimgxError('TIMED_OUT', message)), seconds * 1000);
    this.signal = AbortSignal.any([run, controller.signal]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
