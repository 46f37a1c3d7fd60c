import type { ListedJob } from '@dimgx/client';
import { element, stateOf } from '../elements.ts';
import { addressOf } from '../place.ts';
import { bytesText, durationText } from '../quantities.ts';
import { Table } from '../table.ts';
import { timeOf } from '../times.ts';

export function jobTable(none: string): Table<ListedJob> {
  return new Table<ListedJob>(
    'Jobs',
    [
      { title: 'State', cell: ({ state }) => stateOf(state) },
      {
        title: 'Image',
        kind: 'image',
        cell: ({ id, request }) => element('a', { href: addressOf('jobs', id) }, request.image),
      },
      { title: 'Progress', cell: progressOf },
      { title: 'Pool', cell: ({ request }) => request.pool },
      { title: 'Time', kind: 'number', cell: timeTaken },
      { title: 'Submitted', kind: 'time', cell: ({ createdAt }) => timeOf(createdAt) },
    ],
    ({ id }) => id,
    none,
  );
}

/** How far a job is, or why it is no further. */
export function progressOf({
  state,
  progress,
  error,
}: Pick<ListedJob, 'state' | 'progress' | 'error'>): Node | string {
  if (error !== undefined && state !== 'completed') return element('span', { class: 'fault' }, error.code);
  if (state !== 'active') return '';
  const { phase, bytes, totalBytes } = progress;
  if (totalBytes === undefined) return `${phase} ${bytes === 0 ? '' : bytesText(bytes)}`;
  const share = totalBytes === 0 ? 100 : Math.floor((100 * bytes) / totalBytes);
  return `${phase} ${share} % of ${bytesText(totalBytes)}`;
}

function timeTaken({ startedAt, finishedAt }: ListedJob): string {
  if (startedAt === undefined || finishedAt === undefined) return '';
  return durationText(Date.parse(finishedAt) - Date.parse(startedAt));
}
