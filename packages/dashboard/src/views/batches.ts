import type { Batch } from '@dimgx/client';
import { element, stateOf } from '../elements.ts';
import { addressOf } from '../place.ts';
import { timeText } from '../quantities.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import type { View } from '../view.ts';
import { batchBar, countsText } from './batch-counts.ts';

export function batchesView(): View {
  const table = new Table<Batch>(
    [
      { title: 'State', cell: ({ state }) => stateOf(state) },
      { title: 'Batch', cell: ({ id }) => element('a', { href: addressOf('batches', id) }, id) },
      { title: 'Jobs', kind: 'number', cell: ({ total }) => total.toLocaleString() },
      { title: 'Progress', cell: batchBar },
      { title: 'By state', cell: ({ counts }) => countsText(counts) },
      { title: 'Submitted', kind: 'number', cell: ({ createdAt }) => timeText(createdAt) },
    ],
    ({ id }) => id,
    'There is no batch: dimgx batch FILE submits one.',
  );
  return {
    title: 'Batches',
    element: element('section', {}, element('h1', {}, 'Batches'), table.element),
    async refresh(signal) {
      table.show((await service().batches.list({ limit: 100, signal }).page()).items);
    },
  };
}
