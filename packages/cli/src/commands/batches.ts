import type { Batch } from '@dimgx/client';
import { firstItems, mostOnPage } from '../client/first-items.ts';
import { oneLine } from '../error-line.ts';
import { plainTable, plainTime } from '../plain-table.ts';
import type { BatchListFlags, BatchViewFlags } from './batch-options.ts';
import { configuredClient } from './service-address.ts';

const defaultLimit = 50;

/** `dimgx batches list`: a line a batch. */
export async function listBatches(flags: BatchListFlags, signal: AbortSignal): Promise<void> {
  const { limit = defaultLimit, json } = flags;
  const all = configuredClient(signal).batches.list({ limit: Math.min(limit, mostOnPage) });
  const batches = await Array.fromAsync(firstItems(all, limit));
  if (json === true) for (const batch of batches) process.stdout.write(`${JSON.stringify(batch)}\n`);
  else process.stdout.write(plainTable(titles, batches.map(rowOf)));
}

/** `dimgx batches status`: one line, or the whole batch. */
export async function batchStatus(id: string, flags: BatchViewFlags, signal: AbortSignal): Promise<void> {
  const batch = await configuredClient(signal).batches.get(id);
  process.stdout.write(flags.json === true ? `${JSON.stringify(batch, null, 2)}\n` : `${batchLine(batch)}\n`);
}

/** `dimgx batches artifacts`: a line an artifact. */
export async function batchArtifacts(id: string, flags: BatchViewFlags, signal: AbortSignal): Promise<void> {
  const all = configuredClient(signal).batches.artifacts(id, { limit: mostOnPage });
  const artifacts = await Array.fromAsync(all);
  if (flags.json === true) for (const each of artifacts) process.stdout.write(`${JSON.stringify(each)}\n`);
  else {
    const rows = artifacts.map(({ job, artifact, image }) => [job, artifact.key, image.reference]);
    process.stdout.write(plainTable(['JOB', 'KEY', 'IMAGE'], rows));
  }
}

/** `dimgx batches cancel`: resolves when the batch is cancelled; its jobs may still be stopping. */
export async function cancelBatch(id: string, signal: AbortSignal): Promise<void> {
  const batch = await configuredClient(signal).batches.cancel(id);
  process.stdout.write(`${batchLine(batch)}\n`);
}

/** Id, state, and how many jobs are in which state. */
export function batchLine({ id, state, counts }: Batch): string {
  const told = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]));
  return oneLine(`${id} ${state}: ${told.join(', ')}`);
}

const titles = ['ID', 'STATE', 'CREATED', 'JOBS', 'COMPLETED', 'FAILED', 'CANCELLED'];

function rowOf({ id, state, createdAt, total, counts }: Batch): string[] {
  const figures = [total, counts.completed, counts.failed, counts.cancelled].map(String);
  return [id, state, plainTime(createdAt), ...figures];
}
