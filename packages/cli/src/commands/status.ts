import type { Job } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { errorLine, oneLine } from '../error-line.ts';
import { bytesDone } from '../progress/progress-line.ts';
import { formatCount } from '../quantity.ts';
import type { StatusFlags } from './client-options.ts';
import { poolWarning } from './pool-warning.ts';
import { configuredClient } from './service-address.ts';
import { warn } from './warnings.ts';

/** `dimgx status`: one line, or the whole job. */
export async function status(id: string, flags: StatusFlags, signal: AbortSignal): Promise<void> {
  const client = configuredClient(signal);
  const job = await client.jobs.get(id);
  const warning = await poolWarning(client, [job]);
  if (warning !== undefined) warn(warning);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(job, null, 2)}\n`);
    return;
  }
  const { error } = job;
  process.stdout.write(`${oneLine(statusLine(job))}\n`);
  if (error !== undefined) process.stderr.write(`${errorLine(new DimgxError(error.code, error.message))}\n`);
}

export function statusLine({ id, state, progress }: Pick<Job, 'id' | 'state' | 'progress'>): string {
  if (state !== 'active') return `${id} ${state}`;
  const done = bytesDone(progress).join(' ');
  return `${id} ${state} ${progress.phase} ${done} ${formatCount(progress.entries, 'entry', 'entries')}`;
}
