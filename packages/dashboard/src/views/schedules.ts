import type { Schedule } from '@dimgx/client';
import { element, stateOf } from '../elements.ts';
import { addressOf } from '../place.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';

export function schedulesView(): View {
  const table = new Table<Schedule>(
    'Schedules',
    [
      { title: 'Schedule', cell: ({ id }) => element('a', { href: addressOf('schedules', id) }, id) },
      { title: 'When', cell: whenText },
      { title: 'What', kind: 'image', cell: whatText },
      {
        title: 'Next',
        kind: 'time',
        cell: ({ next, paused }) => (paused ? stateOf('paused') : nextOf(next)),
      },
    ],
    ({ id }) => id,
    'There is no schedule: dimgx schedules put makes one.',
  );
  return {
    title: 'Schedules',
    element: element('section', {}, element('h1', {}, 'Schedules'), table.element),
    async refresh(signal) {
      table.show(await service().schedules.list({ signal }));
    },
  };
}

export function whenText({ cron, everySeconds, timezone }: Schedule): string {
  return cron === undefined ? `every ${everySeconds} s` : `${cron} (${timezone})`;
}

export function whatText({ job, batch }: Schedule): string {
  if (job !== undefined) return job.image;
  const images =
    batch === undefined ? [] : 'images' in batch ? batch.images : batch.jobs.map(({ image }) => image);
  return images.length === 1 ? `${images[0]}` : `a batch of ${images.length}: ${images[0]} …`;
}

function nextOf([next]: readonly string[]): Node | string {
  return next === undefined ? 'never' : timeOf(next);
}
