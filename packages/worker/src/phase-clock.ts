import type { Phase } from '@dimgx/core';
import type { PhaseTimes, Span } from '@dimgx/queue';

/** What an attempt spends in each phase, each of which is a span; the first one begins with it. The caller ends it. */
export class PhaseClock {
  readonly #ended: Partial<Record<Phase, number>> = {};
  #phase: Phase = 'resolve';
  #begun = performance.now();
  readonly #beginSpan: (phase: Phase) => Span;
  #span: Span;

  constructor(beginSpan: (phase: Phase) => Span) {
    this.#beginSpan = beginSpan;
    this.#span = beginSpan(this.#phase);
  }

  /** What the phase before has taken, in ms, if this one begins now. */
  enter(phase: Phase): number | undefined {
    if (phase === this.#phase) return undefined;
    const now = performance.now();
    const took = now - this.#begun;
    this.#ended[this.#phase] = took;
    this.#phase = phase;
    this.#begun = now;
    this.#span.end();
    this.#span = this.#beginSpan(phase);
    return took;
  }

  /** Until now. */
  get times(): PhaseTimes {
    return { ...this.#ended, [this.#phase]: performance.now() - this.#begun };
  }

  /** With the code of what went wrong, if something did. */
  end(fault?: string): void {
    this.#span.end(fault);
  }
}
