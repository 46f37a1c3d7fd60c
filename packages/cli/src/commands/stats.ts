import type { PoolStats } from '@dimgx/client';
import { plainTable } from '../plain-table.ts';
import { formatDuration } from '../quantity.ts';
import { configuredClient } from './service-address.ts';
import type { WorkersFlags } from './worker-options.ts';

/** `dimgx stats`: jobs by state, then a line a pool. */
export async function stats(flags: WorkersFlags, signal: AbortSignal): Promise<void> {
  const told = await configuredClient(signal).stats();
  if (flags.json === true) return void process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
  const states = Object.keys(told.jobs).map((state) => state.toUpperCase());
  const counts = plainTable(states, [Object.values(told.jobs).map(String)]);
  process.stdout.write(`${counts}\n${plainTable(titles, told.pools.map(poolRow))}`);
}

const titles = ['POOL', 'QUEUED', 'ACTIVE', 'OLDEST WAITS', 'WORKERS', 'CAPACITY'];

export function poolRow(pool: PoolStats): string[] {
  const { queued, active, oldestWaitMs, workers, capacity } = pool;
  const wait = oldestWaitMs === undefined ? '-' : formatDuration(oldestWaitMs);
  return [pool.pool, String(queued), String(active), wait, String(workers), String(capacity)];
}
