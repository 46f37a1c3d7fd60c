import type { Batch } from '@dimgx/client';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { addressOf } from '../place.ts';
import { durationText, timeText } from '../quantities.ts';
import { service } from '../service.ts';
import type { View } from '../view.ts';
import { batchBar, countsText } from './batch-counts.ts';
import { jobTable } from './job-table.ts';

/** One batch, and its newest jobs; the others are a search of all jobs away. */
export function batchView(id: string): View {
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
        service().batches.get(id, { signal }),
        service().batches.jobs(id, { limit: 50, signal }).page(),
      ]);
      const text = JSON.stringify(batch);
      if (text !== shown) body.replaceChildren(...describe(batch));
      shown = text;
      table.show(items);
    },
  };
}

function describe(batch: Batch): Node[] {
  const { id, state, total, duplicates, counts, schedule, retryOf, createdAt, finishedAt } = batch;
  return [
    element('h1', {}, `Batch of ${total.toLocaleString()} images`),
    element('p', { class: 'actions' }, stateOf(state), countsText(counts), ...actionsOf(batch)),
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

function actionsOf({ id, counts, finishedAt, state }: Batch): HTMLElement[] {
  if (finishedAt === undefined) {
    if (state === 'cancelled') return [];
    return [
      action('Cancel', () =>
        attempt(() =>
          service()
            .batches.cancel(id)
            .then(() => 'its jobs are cancelled'),
        ),
      ),
    ];
  }
  if (counts.failed === 0) return [];
  const retry = action('Do the failed ones again', () =>
    attempt(async () => {
      const batch = await service().batches.retry(id);
      location.hash = addressOf('batches', batch.id);
      return `${batch.total} jobs were submitted once more`;
    }),
  );
  return [retry];
}
