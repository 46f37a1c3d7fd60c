import { DimgxError } from '@dimgx/core';
import { errorLine } from '../error-line.ts';
import { formatBytes, formatCount } from '../quantity.ts';
import type { StatusFlags } from './client-options.ts';
import { configuredClient } from './service-address.ts';

/** `dimgx status`: one line, or the whole job. */
export async function status(id: string, flags: StatusFlags, signal: AbortSignal): Promise<void> {
  const job = await configuredClient(signal).job(id);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(job, null, 2)}\n`);
    return;
  }
  const { state, progress, error } = job;
  const parts = [id, state];
  if (state === 'active' && progress !== undefined) {
    parts.push(
      progress.phase,
      formatBytes(progress.bytes),
      formatCount(progress.entries, 'entry', 'entries'),
    );
  }
  process.stdout.write(`${parts.join(' ')}\n`);
  if (error !== undefined) process.stderr.write(`${errorLine(new DimgxError(error.code, error.message))}\n`);
}
