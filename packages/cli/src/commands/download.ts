import { DimgxError, flattenReportSchema, traits } from '@dimgx/core';
import { download } from '../client/download.ts';
import { showProgress } from '../progress/progress-display.ts';
import { openTarget } from '../target/open-target.ts';
import type { DownloadFlags } from './client-options.ts';
import { configuredClient } from './service-address.ts';

/** `dimgx download`: the file is complete and verified when it resolves. */
export async function downloadCommand(id: string, flags: DownloadFlags, signal: AbortSignal): Promise<void> {
  const client = configuredClient(signal);
  const job = await client.job(id);
  const report = flattenReportSchema.safeParse(job.result);
  if (job.state !== 'completed' || !report.success) {
    throw new DimgxError('ARTIFACT_NOT_READY', `job ${id} is ${job.state} and has no artifact to download`);
  }
  const { artifact } = report.data;
  const path = flags.output ?? `${id}${traits[artifact.compression].suffix}`;
  const display = showProgress('auto');
  const target = await openTarget(path, { force: flags.force === true, signal });
  try {
    await download({ client, job: id, artifact, target, signal, onProgress: display.show });
  } finally {
    display.finish();
  }
  // Where the artifact goes to stdout, nothing else may.
  if (target.key !== '-') process.stdout.write(`${target.key}\n`);
}
