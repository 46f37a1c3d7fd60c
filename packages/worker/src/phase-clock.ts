import type { Phase } from '@dimgx/core';
import type { PhaseTimes } from '@dimgx/queue';

/** What an attempt spends in each phase; the first one begins with it. */
export class PhaseClock {
  readonly #ended: Partial<Record<Phase, number>> = {};
  #phase: Phase = 'resolve';
  #begun = performance.now();

  /** What the phase before has taken, in ms, if this one begins now. */
  enter(phase: Phase): number | undefined {
    if (phase === this.#phase) return undefined;
    const now = performance.now();
    const took = now - this.#begun;
    this.#ended[this.#phase] = took;
    this.#phase = phase;
    this.#begun = now;
    return took;
  }

  /** Until now. */
  get times(): PhaseTimes {
    return { ...this.#ended, [this.#phase]: performance.now() - this.#begun };
  }
}
