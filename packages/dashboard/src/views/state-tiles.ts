import type { ServiceStats } from '@dimgx/client';
import { element } from '../elements.ts';
import { addressOf } from '../place.ts';
import { durationText } from '../quantities.ts';
import type { JobChoice } from './jobs.ts';

export const states = ['queued', 'active', 'completed', 'failed', 'cancelled'] as const;

/** A link to the jobs of each state, with how many there are. */
export class StateTiles {
  readonly element = element('nav', { class: 'tiles', 'aria-label': 'Jobs by state' });
  readonly #counts = new Map([...['all' as const], ...states].map((state) => [state, element('strong')]));
  readonly #wait = element('span', { class: 'quiet' });
  readonly #isCounted: boolean;

  constructor(chosen: JobChoice) {
    const { state: current, ...others } = chosen;
    // The service counts all jobs alone.
    this.#isCounted = Object.values(others).every((value) => value === undefined);
    for (const [state, count] of this.#counts) {
      const own = state === 'all' ? undefined : state;
      const attributes = {
        class: `tile ${state}`,
        href: addressOf('jobs', undefined, { ...others, state: own }),
        'aria-current': current === own && 'true',
      };
      this.element.append(element('a', attributes, this.#isCounted && count, state));
    }
    this.element.append(this.#wait);
  }

  show({ jobs, oldestWaitMs }: ServiceStats): void {
    if (!this.#isCounted) return;
    const all = states.reduce((sum, state) => sum + jobs[state], 0);
    for (const [state, count] of this.#counts) {
      count.textContent = `${(state === 'all' ? all : jobs[state]).toLocaleString()} `;
    }
    this.#wait.textContent = oldestWaitMs === undefined ? '' : `oldest waits ${durationText(oldestWaitMs)}`;
  }
}
