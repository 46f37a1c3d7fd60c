import type { Schedule, ScheduleRun } from '@dimgx/client';
import { action, element, facts, stateOf } from '../elements.ts';
import { attempt } from '../notice.ts';
import { Part } from '../part.ts';
import { addressOf } from '../place.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';
import { whatText, whenText } from './schedules.ts';

/** One schedule with its next times and last runs. */
export function scheduleView(id: string): View {
  const body = new Part(element('div'), describe);
  const runs = new Table<ScheduleRun>(
    'Last runs',
    [
      { title: 'Due', kind: 'time', cell: ({ at }) => timeOf(at) },
      { title: 'By', cell: ({ by }) => by },
      { title: 'Made', cell: made },
    ],
    ({ at, by }) => `${at} ${by}`,
    'It has not run yet.',
  );
  return {
    title: id,
    element: element('section', {}, body.element, element('h2', {}, 'Last runs'), runs.element),
    async refresh(signal) {
      const answer = await service().schedules.get(id, { signal });
      body.show(answer.schedule);
      runs.show(answer.runs);
    },
  };
}

function describe(schedule: Schedule): Node[] {
  const { id, paused, overlap, next } = schedule;
  const ask = (verb: 'run' | 'pause' | 'resume', done: string) =>
    attempt(() =>
      service()
        .schedules[verb](id)
        .then(() => `${id} ${done}`),
    );
  return [
    element('h1', {}, id),
    element(
      'p',
      { class: 'actions' },
      paused && stateOf('paused'),
      action('Run now', () => ask('run', 'runs')),
      paused
        ? action('Resume', () => ask('resume', 'goes on'))
        : action('Pause', () => ask('pause', 'is paused')),
    ),
    facts([
      ['When', whenText(schedule)],
      ['What', whatText(schedule)],
      ['Overlap', overlap === 'skip' ? 'a run is left out while the one before it goes on' : 'allowed'],
      ['Next', next.length > 0 && timesOf(next)],
    ]),
  ];
}

function made({ job, batch, skipped }: ScheduleRun): Node | string {
  if (job !== undefined) return element('a', { href: addressOf('jobs', job) }, `job ${job}`);
  if (batch !== undefined) return element('a', { href: addressOf('batches', batch) }, `batch ${batch}`);
  return skipped ?? '';
}

function timesOf(times: readonly string[]): HTMLElement {
  return element('ul', { class: 'plain' }, ...times.map((time) => element('li', {}, timeOf(time))));
}
