import type { Batch } from '@dimgx/client';
import { element, stateOf } from '../elements.ts';
import { Part } from '../part.ts';
import { addressOf, type Place } from '../place.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';
import { batchBar, countsText } from './batch-counts.ts';
import { pageLinks } from './page-links.ts';

export function batchesView({ query }: Place): View {
  const cursor = query.get('cursor') ?? undefined;
  const pages = new Part(element('nav', { class: 'actions', 'aria-label': 'Pages' }), (next: string) =>
    pageLinks('batches', {}, { cursor, next }),
  );
  const table = new Table<Batch>(
    'Batches',
    [
      { title: 'State', cell: ({ state }) => stateOf(state) },
      { title: 'Batch', cell: ({ id }) => element('a', { href: addressOf('batches', id) }, id) },
      { title: 'Jobs', kind: 'number', cell: ({ total }) => total.toLocaleString() },
      { title: 'Progress', cell: batchBar },
      { title: 'By state', cell: ({ counts }) => countsText(counts) },
      { title: 'Submitted', kind: 'time', cell: ({ createdAt }) => timeOf(createdAt) },
    ],
    ({ id }) => id,
    'There is no batch: dimgx batch FILE submits one.',
  );
  return {
    title: 'Batches',
    element: element('section', {}, element('h1', {}, 'Batches'), table.element, pages.element),
    async refresh(signal) {
      const { items, nextCursor } = await service().batches.list({ limit: 50, cursor, signal }).page();
      table.show(items);
      pages.show(nextCursor ?? '');
    },
  };
}
