import type { Batch } from '@dimgx/client';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { Part } from '../part.ts';
import { addressOf } from '../place.ts';
import { countText, durationText } from '../quantities.ts';
import { service } from '../service.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';
import { batchBar, countsText } from './batch-counts.ts';
import { jobTable } from './job-table.ts';

/** One batch, and its newest jobs; the others are a search of all jobs away. */
export function batchView(id: string): View {
  const heading = element('h1', {}, 'Batch');
  const state = new Part(element('span', { role: 'status' }), (now: Batch['state']) => [stateOf(now)]);
  const actions = new Part(element('span', { class: 'actions' }), (batch: Batch) => actionsOf(batch));
  const counts = new Part(element('div'), (batch: Batch) => [
    element('p', {}, countsText(batch.counts)),
    batchBar(batch),
  ]);
  const description = new Part(element('div'), (batch: Batch) => [factsOf(batch)]);
  const table = jobTable('Its jobs are still to be made.');
  const all = element(
    'p',
    {},
    element('a', { href: addressOf('jobs', undefined, { batch: id }) }, 'All of them'),
  );
  const known = element('div', { hidden: true });
  known.append(
    element('p', { class: 'actions' }, state.element, actions.element),
    counts.element,
    description.element,
  );
  known.append(element('h2', {}, 'Jobs'), table.element, all);
  return {
    title: `Batch ${id}`,
    element: element('section', {}, heading, known),
    async refresh(signal) {
      const [batch, { items, nextCursor }] = await Promise.all([
        service().batches.get(id, { signal }),
        service().batches.jobs(id, { limit: 50, signal }).page(),
      ]);
      heading.textContent = `Batch of ${countText(batch.total, 'image')}`;
      known.hidden = false;
      state.show(batch.state);
      actions.show(withoutCounts(batch));
      counts.show(batch);
      description.show(withoutCounts(batch));
      table.show(items);
      all.hidden = nextCursor === undefined;
    },
  };
}

/** What does not change with each job; of the counts, whether any failed. */
function withoutCounts(batch: Batch): Batch {
  const failed = Math.min(1, batch.counts.failed);
  return { ...batch, counts: { queued: 0, active: 0, completed: 0, failed, cancelled: 0 } };
}

function factsOf({ id, duplicates, schedule, retryOf, createdAt, finishedAt }: Batch): HTMLElement {
  return facts([
    ['Id', element('code', {}, id)],
    ['Named twice', duplicates > 0 && duplicates],
    ['Schedule', schedule && element('a', { href: addressOf('schedules', schedule) }, schedule)],
    ['Does again', retryOf && element('a', { href: addressOf('batches', retryOf) }, retryOf)],
    ['Submitted', timeOf(createdAt)],
    ['Ended', finishedAt && timeOf(finishedAt)],
    ['Took', finishedAt && durationText(Date.parse(finishedAt) - Date.parse(createdAt))],
  ]);
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
