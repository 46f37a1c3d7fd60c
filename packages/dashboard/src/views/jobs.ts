import { element } from '../elements.ts';
import { Part } from '../part.ts';
import { addressOf, type Place } from '../place.ts';
import { service } from '../service.ts';
import type { View } from '../view.ts';
import { jobTable } from './job-table.ts';
import { pageLinks } from './page-links.ts';
import { StateTiles, states } from './state-tiles.ts';
import { submitForm } from './submit-form.ts';

const pageSize = 50;
/** What chooses among jobs, as the address has it. */
const choices = ['state', 'image', 'label', 'batch', 'schedule', 'trigger'] as const;

export type JobChoice = Readonly<Record<(typeof choices)[number], string | undefined>>;

/** Jobs, newest first, with what chooses among them in the address. */
export function jobsView({ query }: Place): View {
  const given = (name: string) => query.get(name) || undefined;
  const chosen = Object.fromEntries(choices.map((name) => [name, given(name)])) as JobChoice;
  const cursor = given('cursor');
  const tiles = new StateTiles(chosen);
  const table = jobTable('No job is like that.');
  const pages = new Part(element('nav', { class: 'actions', 'aria-label': 'Pages' }), (next: string) =>
    pageLinks('jobs', chosen, { cursor, next }),
  );
  return {
    title: 'Jobs',
    element: element(
      'section',
      {},
      element('h1', {}, 'Jobs'),
      submitForm(),
      tiles.element,
      filterForm(chosen),
      originOf(chosen),
      table.element,
      pages.element,
    ),
    async refresh(signal) {
      const state = states.find((each) => each === chosen.state);
      const [stats, { items, nextCursor }] = await Promise.all([
        service().stats({ signal }),
        service()
          .jobs.list({ ...chosen, state, cursor, limit: pageSize, signal })
          .page(),
      ]);
      tiles.show(stats);
      table.show(items);
      pages.show(nextCursor ?? '');
    },
  };
}

function filterForm(chosen: JobChoice): HTMLElement {
  const image = element('input', {
    type: 'search',
    'aria-label': 'Image to find',
    placeholder: 'image, as it was submitted',
    value: chosen.image,
  });
  const label = element('input', {
    type: 'search',
    'aria-label': 'Label to find',
    placeholder: 'label, NAME=VALUE',
    value: chosen.label,
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    location.hash = addressOf('jobs', undefined, { ...chosen, image: image.value, label: label.value });
  };
  const button = element('button', {}, 'Find');
  return element('form', { class: 'actions', role: 'search', submit }, image, label, button);
}

/** Says that only jobs of a batch, schedule or trigger are shown. */
function originOf(chosen: JobChoice): HTMLElement | undefined {
  const origin = (['batch', 'schedule', 'trigger'] as const).find((name) => chosen[name] !== undefined);
  if (origin === undefined) return undefined;
  const rooms = { batch: 'batches', schedule: 'schedules', trigger: 'triggers' };
  const id = origin === 'trigger' ? undefined : chosen[origin];
  return element(
    'p',
    {},
    `Only of the ${origin} `,
    element('a', { href: addressOf(rooms[origin], id) }, chosen[origin]),
    ' · ',
    element('a', { href: addressOf('jobs', undefined, { ...chosen, [origin]: undefined }) }, 'Of all'),
  );
}
