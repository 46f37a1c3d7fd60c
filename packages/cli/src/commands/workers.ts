import type { WorkerStatus } from '@dimgx/client';
import { plainTable } from '../plain-table.ts';
import { formatBytes } from '../quantity.ts';
import { configuredClient } from './service-address.ts';
import type { WorkersFlags } from './worker-options.ts';

/** `dimgx workers`: a line a worker, by name. */
export async function workers(flags: WorkersFlags, signal: AbortSignal): Promise<void> {
  const items = await configuredClient(signal).workers.list();
  if (flags.json === true) {
    for (const worker of items) process.stdout.write(`${JSON.stringify(worker)}\n`);
    return;
  }
  process.stdout.write(plainTable(titles, items.map(workerRow)));
}

const titles = ['NAME', 'POOLS', 'JOBS', 'LOAD', 'SPOOL FREE', 'PLATFORM', 'DOCKER', 'VERSION'];

export function workerRow(worker: WorkerStatus): string[] {
  const { name, pools, jobs, capacity, load, cpus, spool, platform, dockerVersion, version } = worker;
  const waits = worker.outages.map(({ part }) => `, waits for the ${part}`).join('');
  const busy = `${jobs.length} of ${capacity}${worker.draining ? ', draining' : ''}${waits}`;
  const pressure = `${(load[0] ?? 0).toFixed(2)} on ${cpus}`;
  const free = `${formatBytes(spool.free)} of ${formatBytes(spool.total)}`;
  return [name, pools.join(','), busy, pressure, free, platform, dockerVersion ?? '-', version];
}
