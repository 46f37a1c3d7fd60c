import type { Batch, ListedJob } from '@dimgx/queue';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { addressOf } from '../place.ts';
import { durationText, timeText } from '../quantities.ts';
import { type Page, service } from '../service.ts';
import type { View } from '../view.ts';
import { batchBar, countsText } from './batch-counts.ts';
import { jobTable } from './job-table.ts';

/** One batch, and its newest jobs; the others are a search of all jobs away. */
export function batchView(id: string): View {
  const path = `/v1/batches/${encodeURIComponent(id)}`;
  const body = element('div');
  const table = jobTable('Its jobs are still to be made.');
  let shown = '';
  return {
    title: `Batch ${id}`,
    element: element(
      'section',
      {},
      body,
      element('h2', {}, 'Jobs'),
      table.element,
      element('p', {}, element('a', { href: addressOf('jobs', undefined, { batch: id }) }, 'All of them')),
    ),
    async refresh(signal) {
      const [batch, { items }] = await Promise.all([
        service.get<Batch>(path, signal),
        service.get<Page<ListedJob>>(`${path}/jobs?limit=50`, signal),
      ]);
      const text = JSON.stringify(batch);
      if (text !== shown) body.replaceChildren(...describe(batch, path));
      shown = text;
      table.show(items);
    },
  };
}

function describe(batch: Batch, path: string): Node[] {
  const { id, state, total, duplicates, counts, schedule, retryOf, createdAt, finishedAt } = batch;
  return [
    element('h1', {}, `Batch of ${total.toLocaleString()} images`),
    element('p', { class: 'actions' }, stateOf(state), countsText(counts), ...actionsOf(batch, path)),
    batchBar(batch),
    facts([
      ['Id', element('code', {}, id)],
      ['Named twice', duplicates > 0 && duplicates],
      ['Schedule', schedule && element('a', { href: addressOf('schedules', schedule) }, schedule)],
      ['Does again', retryOf && element('a', { href: addressOf('batches', retryOf) }, retryOf)],
      ['Submitted', timeText(createdAt)],
      ['Ended', finishedAt && timeText(finishedAt)],
      ['Took', finishedAt && durationText(Date.parse(finishedAt) - Date.parse(createdAt))],
    ]),
  ];
}

function actionsOf({ counts, finishedAt, state }: Batch, path: string): HTMLElement[] {
  if (finishedAt === undefined) {
    if (state === 'cancelled') return [];
    return [
      action('Cancel', () =>
        attempt(() => service.send('DELETE', path).then(() => 'its jobs are cancelled')),
      ),
    ];
  }
  if (counts.failed === 0) return [];
  const retry = action('Do the failed ones again', () =>
    attempt(async () => {
      const batch = await service.send<Batch>('POST', `${path}/retry`);
      location.hash = addressOf('batches', batch.id);
      return `${batch.total} jobs were submitted once more`;
    }),
  );
  return [retry];
}
