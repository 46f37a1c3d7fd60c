import type { ServiceStats } from '@dimgx/client';
import { element } from '../elements.ts';
import { addressOf, type Place } from '../place.ts';
import { durationText } from '../quantities.ts';
import { service } from '../service.ts';
import type { View } from '../view.ts';
import { jobTable } from './job-table.ts';
import { submitForm } from './submit-form.ts';

const states = ['queued', 'active', 'completed', 'failed', 'cancelled'] as const;
const pageSize = 50;

/** Jobs, newest first, with what chooses among them in the address. */
export function jobsView({ query }: Place): View {
  const tiles = element('div', { class: 'tiles' });
  const table = jobTable('No job is like that.');
  const pages = element('p', { class: 'actions' });
  const chosen = Object.fromEntries(query);
  return {
    title: 'Jobs',
    element: element('section', {}, tiles, submitForm(), filterForm(query), table.element, pages),
    async refresh(signal) {
      const state = states.find((each) => each === chosen.state);
      const [stats, { items, nextCursor }] = await Promise.all([
        service().stats({ signal }),
        service()
          .jobs.list({ ...chosen, state, limit: pageSize, signal })
          .page(),
      ]);
      tiles.replaceChildren(...stateTiles(stats, chosen));
      table.show(items);
      const { cursor: _, ...first } = chosen;
      pages.replaceChildren(
        ...(chosen.cursor === undefined
          ? []
          : [element('a', { href: addressOf('jobs', undefined, first) }, 'Newest')]),
        ...(nextCursor === undefined
          ? []
          : [
              element(
                'a',
                { href: addressOf('jobs', undefined, { ...chosen, cursor: nextCursor }) },
                'Older',
              ),
            ]),
      );
    },
  };
}

function stateTiles(
  { jobs, oldestWaitMs }: ServiceStats,
  chosen: Readonly<Record<string, string>>,
): HTMLElement[] {
  const { cursor: _, state: current, ...rest } = chosen;
  const tiles = states.map((state) =>
    tile(state, jobs[state] ?? 0, addressOf('jobs', undefined, { ...rest, state }), state === current),
  );
  const all = tile(
    'all',
    states.reduce((sum, state) => sum + (jobs[state] ?? 0), 0),
    addressOf('jobs', undefined, rest),
    current === undefined,
  );
  const wait =
    oldestWaitMs !== undefined &&
    element('span', { class: 'quiet' }, `oldest waits ${durationText(oldestWaitMs)}`);
  return [all, ...tiles, ...(wait === false ? [] : [wait])];
}

function tile(name: string, count: number, href: string, isCurrent: boolean): HTMLElement {
  const attributes = { class: 'tile', href, 'aria-current': isCurrent && 'true' };
  return element('a', attributes, element('strong', {}, count.toLocaleString()), name);
}

function filterForm(query: URLSearchParams): HTMLElement {
  const image = element('input', { type: 'text', name: 'image', placeholder: 'image, as it was submitted' });
  const label = element('input', { type: 'text', name: 'label', placeholder: 'label, NAME=VALUE' });
  image.value = query.get('image') ?? '';
  label.value = query.get('label') ?? '';
  const submit = (event: Event): void => {
    event.preventDefault();
    const { cursor: _, ...rest } = Object.fromEntries(query);
    location.hash = addressOf('jobs', undefined, { ...rest, image: image.value, label: label.value });
  };
  const button = element('button', {}, 'Find');
  return element('form', { class: 'actions', submit }, image, label, button);
}
