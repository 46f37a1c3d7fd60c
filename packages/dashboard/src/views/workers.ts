import type { PoolStats, WorkerStatus } from '@dimgx/client';
import { element } from '../elements.ts';
import { addressOf } from '../place.ts';
import { bytesText, durationText } from '../quantities.ts';
import { service } from '../service.ts';
import { Table } from '../table.ts';
import { timeOf } from '../times.ts';
import type { View } from '../view.ts';

/** Who works, and what waits for whom. */
export function workersView(): View {
  const [workers, pools] = [workerTable(), poolTable()];
  return {
    title: 'Workers',
    element: element(
      'section',
      {},
      element('h1', {}, 'Workers'),
      workers.element,
      element('h2', {}, 'Pools'),
      pools.element,
    ),
    async refresh(signal) {
      const [all, stats] = await Promise.all([
        service().workers.list({ signal }),
        service().stats({ signal }),
      ]);
      workers.show(all);
      pools.show(stats.pools);
    },
  };
}

function waits(outages: WorkerStatus['outages']): string {
  return outages.map(({ part }) => `, waits for the ${part}`).join('');
}

function workerTable(): Table<WorkerStatus> {
  return new Table<WorkerStatus>(
    'Workers',
    [
      { title: 'Worker', cell: ({ name }) => name },
      { title: 'Pools', cell: ({ pools }) => pools.join(', ') },
      {
        title: 'Jobs',
        cell: ({ jobs, capacity, draining, outages }) =>
          element(
            'span',
            {},
            `${jobs.length} of ${capacity}${draining ? ', draining' : ''}${waits(outages)} `,
            ...jobs.map((id) => jobLink(id)),
          ),
      },
      { title: 'Load', kind: 'number', cell: ({ load, cpus }) => `${load[0]?.toFixed(2)} of ${cpus}` },
      { title: 'Memory free', kind: 'number', cell: ({ memory }) => freeOf(memory) },
      { title: 'Spool free', kind: 'number', cell: ({ spool }) => freeOf(spool) },
      { title: 'dimgx', cell: ({ version, platform }) => `${version}, ${platform}` },
      { title: 'Docker', cell: ({ dockerVersion }) => dockerVersion ?? 'none' },
      { title: 'Since', kind: 'time', cell: ({ startedAt }) => timeOf(startedAt) },
    ],
    ({ name }) => name,
    'No worker is there: dimgx worker starts one.',
  );
}

function poolTable(): Table<PoolStats> {
  return new Table<PoolStats>(
    'Pools',
    [
      { title: 'Pool', cell: ({ pool }) => pool },
      { title: 'Queued', kind: 'number', cell: ({ queued }) => queued.toLocaleString() },
      { title: 'Active', kind: 'number', cell: ({ active }) => active.toLocaleString() },
      {
        title: 'Oldest waits',
        kind: 'number',
        cell: ({ oldestWaitMs }) => (oldestWaitMs === undefined ? '' : durationText(oldestWaitMs)),
      },
      {
        title: 'Workers',
        kind: 'number',
        cell: ({ workers, queued }) =>
          element('span', { class: workers === 0 && queued > 0 ? 'fault' : undefined }, workers),
      },
      { title: 'Jobs at a time', kind: 'number', cell: ({ capacity }) => capacity },
    ],
    ({ pool }) => pool,
    'No pool has jobs or workers.',
  );
}

function jobLink(id: string): HTMLElement {
  return element('a', { href: addressOf('jobs', id) }, `${id.slice(0, 8)} `);
}

function freeOf({ free, total }: { readonly free: number; readonly total: number }): string {
  return `${bytesText(free)} of ${bytesText(total)}`;
}
