import type { Batch } from '@dimgx/client';
import { formatCount } from '../quantity.ts';

/** What was said of jobs of a batch that are tried again: of ten thousand tries, a few lines for each cause. */
export class ToldRetries {
  readonly #told = new Map<string, number>();

  /** A line for each cause that is new, or has come ten times as often; at the end, for each that has come again. */
  news({ id, retries = {}, finishedAt }: Pick<Batch, 'id' | 'retries' | 'finishedAt'>): string[] {
    const due = Object.entries(retries).filter(([code, times]) => {
      const told = this.#told.get(code) ?? 0;
      return times > told && (finishedAt !== undefined || times >= 10 * told);
    });
    return due.map(([code, times]) => {
      this.#told.set(code, times);
      return `batch ${id}: jobs were tried again ${formatCount(times, 'time')}: ${code}`;
    });
  }
}
