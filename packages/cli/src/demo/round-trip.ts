import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DimgxClient } from '@dimgx/client';
import { type FlattenReport, flattenReportSchema } from '@dimgx/core';
import { download } from '../client/download.ts';
import type { ProgressDisplay } from '../progress/progress-display.ts';
import { targetFault } from '../target/target.ts';
import type { DemoOutcome } from './demo-summary.ts';
import type { FileTree } from './file-tree.ts';
import { step } from './step.ts';
import { verifyArtifact } from './verify-artifact.ts';

/** The image of one demo. */
export interface Subject {
  readonly reference: string;
  /** What its artifact is called. */
  readonly name: string;
  /** Where it lies, if it is a file: the service opens no others. */
  readonly folder?: string;
  /** What the artifact must hold, where that is known. */
  readonly tree?: FileTree;
}

export interface RoundTrip {
  readonly client: DimgxClient;
  readonly subject: Subject;
  readonly pool: string;
  /** Folder where the artifact is kept. */
  readonly kept: string;
  readonly signal: AbortSignal;
}

/** Submits the image, waits for its artifact, fetches and verifies it. */
export async function roundTrip({ client, subject, pool, kept, signal }: RoundTrip): Promise<DemoOutcome> {
  const { reference, name, tree } = subject;
  const id = await step('submit', async () => {
    const job = await client.jobs.submit({ image: reference, pool, compression: { algorithm: 'zstd' } });
    return [job.id, `job ${job.id}`];
  });
  const report = await step('flatten', async (display) => {
    const job = await client.jobs.wait(id, { onProgress: display.show });
    const parsed = flattenReportSchema.parse(job.result);
    return [parsed, reference];
  });
  const file = join(kept, `${name}.tar.zst`);
  await step('download', async (display) => [
    await fetchArtifact(file, { client, id, report, signal, display }),
    file,
  ]);
  const verdict = await step('verify', async () => {
    const found = await verifyArtifact(file, report.artifact, tree, signal);
    return [found, tree === undefined ? 'size and digests' : 'size, digests and the whole tree'];
  });
  return { report, file, verdict, treeKnown: tree !== undefined };
}

interface Fetching {
  readonly client: DimgxClient;
  readonly id: string;
  readonly report: FlattenReport;
  readonly signal: AbortSignal;
  readonly display: ProgressDisplay;
}

async function fetchArtifact(file: string, { client, id, report, signal, display }: Fetching): Promise<void> {
  try {
    const artifact = await client.jobs.artifact(id);
    await download(artifact, file, { force: true, signal, onProgress: display.show });
    await writeFile(`${file}.json`, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw targetFault(file, error);
  }
}
