import type { Job } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { errorLine, oneLine } from '../error-line.ts';
import { bytesDone } from '../progress/progress-line.ts';
import { formatCount } from '../quantity.ts';
import type { StatusFlags } from './client-options.ts';
import { poolWarning } from './pool-warning.ts';
import { configuredClient } from './service-address.ts';
import { say, warn } from './warnings.ts';

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
  process.stdout.write(`${oneLine(statusLine(job))}\n`);
  const fault = faultLine(job);
  if (fault !== undefined) say(fault);
}

export function statusLine({ id, state, progress }: Pick<Job, 'id' | 'state' | 'progress'>): string {
  if (state !== 'active') return `${id} ${state}`;
  const done = bytesDone(progress).join(' ');
  return `${id} ${state} ${progress.phase} ${done} ${formatCount(progress.entries, 'entry', 'entries')}`;
}

/** What to say of a job's error: only one that has ended the job looks like a command's. */
export function faultLine({ state, error }: Pick<Job, 'state' | 'error'>): string | undefined {
  if (error === undefined) return undefined;
  const { code, message } = error;
  if (state === 'failed') return errorLine(new DimgxError(code, message));
  const next = state === 'queued' ? '; it will be tried again' : '';
  return `its last attempt failed: ${code}: ${message}${next}`;
}
