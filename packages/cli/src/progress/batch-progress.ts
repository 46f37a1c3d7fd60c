import type { Batch } from '@dimgx/client';
import { formatClock } from '../quantity.ts';
import { barBefore } from './progress-line.ts';

type Figures = Pick<Batch, 'total' | 'counts'>;

/** How a batch gets on, for the line of a terminal. */
export class BatchProgress {
  #first: { readonly at: number; readonly ended: number } | undefined;

  /** Jobs that have ended of how many, those that did not go well, and the time left; `now` in ms. */
  line({ total, counts }: Figures, now: number, columns: number, color: boolean): string {
    const { active, failed, cancelled } = counts;
    const ended = counts.completed + failed + cancelled;
    const parts = [`${formatted(ended)} of ${formatted(total)}`];
    if (active > 0) parts.push(`${formatted(active)} active`);
    if (failed > 0) parts.push(`${formatted(failed)} failed`);
    if (cancelled > 0) parts.push(`${formatted(cancelled)} cancelled`);
    this.#first ??= { at: now, ended };
    const perSecond = ((ended - this.#first.ended) / (now - this.#first.at)) * 1000;
    if (perSecond > 0) parts.push(`${formatClock((total - ended) / perSecond)} left`);
    return barBefore(parts.join('  '), ended / total, columns, color);
  }
}

function formatted(count: number): string {
  return count.toLocaleString('en-US');
}
