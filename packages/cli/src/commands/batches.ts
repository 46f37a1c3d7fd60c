import { BatchClient } from '../client/batch-client.ts';
import type { BatchArtifactView, BatchView } from '../client/batch-views.ts';
import { plainTable, plainTime } from '../plain-table.ts';
import type { BatchListFlags, BatchViewFlags } from './batch-options.ts';
import { configuredClient } from './service-address.ts';

const defaultLimit = 50;

/** `dimgx batches list`: a line a batch. */
export async function listBatches(flags: BatchListFlags, signal: AbortSignal): Promise<void> {
  const { limit = defaultLimit, json } = flags;
  const batches: BatchView[] = [];
  const all = new BatchClient(configuredClient(signal), signal).list();
  for await (const batch of all) {
    if (batches.length === limit) break;
    batches.push(batch);
  }
  if (json === true) for (const batch of batches) process.stdout.write(`${JSON.stringify(batch)}\n`);
  else process.stdout.write(plainTable(titles, batches.map(rowOf)));
}

/** `dimgx batches status`: one line, or the whole batch. */
export async function batchStatus(id: string, flags: BatchViewFlags, signal: AbortSignal): Promise<void> {
  const batch = await new BatchClient(configuredClient(signal), signal).find(id);
  process.stdout.write(flags.json === true ? `${JSON.stringify(batch, null, 2)}\n` : `${batchLine(batch)}\n`);
}

/** `dimgx batches artifacts`: a line an artifact. */
export async function batchArtifacts(id: string, flags: BatchViewFlags, signal: AbortSignal): Promise<void> {
  const artifacts: BatchArtifactView[] = [];
  const all = new BatchClient(configuredClient(signal), signal).artifacts(id);
  for await (const artifact of all) artifacts.push(artifact);
  if (flags.json === true) for (const each of artifacts) process.stdout.write(`${JSON.stringify(each)}\n`);
  else {
    const rows = artifacts.map(({ job, artifact, image }) => [job, artifact.key, image.reference]);
    process.stdout.write(plainTable(['JOB', 'KEY', 'IMAGE'], rows));
  }
}

/** `dimgx batches cancel`: resolves when the batch is cancelled; its jobs may still be stopping. */
export async function cancelBatch(id: string, signal: AbortSignal): Promise<void> {
  const batch = await new BatchClient(configuredClient(signal), signal).cancel(id);
  process.stdout.write(`${batchLine(batch)}\n`);
}

/** Id, state, and how many jobs are in which state. */
export function batchLine({ id, state, counts }: BatchView): string {
  const told = Object.entries(counts).flatMap(([name, count]) => (count === 0 ? [] : [`${count} ${name}`]));
  return `${id} ${state}: ${told.join(', ')}`;
}

const titles = ['ID', 'STATE', 'CREATED', 'JOBS', 'COMPLETED', 'FAILED', 'CANCELLED'];

function rowOf({ id, state, createdAt, total, counts }: BatchView): string[] {
  const figures = [total, counts.completed, counts.failed, counts.cancelled].map(String);
  return [id, state, plainTime(createdAt), ...figures];
}
