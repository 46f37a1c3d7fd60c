import type { Phase, ProgressListener } from '../flatten/progress.ts';

const INTERVAL_MS = 250;

/** Tells the listener of a phase's bytes a few times a second. `done` tells the last figure. */
export class PhaseProgress {
  readonly #listener: ProgressListener | undefined;
  readonly #phase: Phase;
  #toldAt = Number.NEGATIVE_INFINITY;
  #bytes = 0;

  constructor(phase: Phase, listener: ProgressListener | undefined) {
    this.#phase = phase;
    this.#listener = listener;
  }

  bytes(total: number): void {
    this.#bytes = total;
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL_MS) return;
    this.#toldAt = now;
    this.done();
  }

  done(): void {
    this.#listener?.({ phase: this.#phase, bytes: this.#bytes, entries: 0 });
  }
}
