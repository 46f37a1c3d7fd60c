import type { Batch } from '@dimgx/client';
import { element } from '../elements.ts';

const order = ['completed', 'failed', 'cancelled', 'active'] as const;

/** How many of a batch's jobs are in which state, as a bar; in words on hovering. */
export function batchBar({ counts, total }: Pick<Batch, 'counts' | 'total'>): HTMLElement {
  const parts = order.filter((state) => counts[state] > 0);
  const bar = element('div', {
    class: 'bar',
    role: 'img',
    'aria-label': countsText(counts),
    title: countsText(counts),
  });
  for (const state of parts) {
    const part = element('i', { class: state });
    part.style.width = `${(100 * counts[state]) / total}%`;
    bar.append(part);
  }
  return bar;
}

export function countsText(counts: Batch['counts']): string {
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  return some.map(([state, count]) => `${count.toLocaleString()} ${state}`).join(', ');
}
