import { traits } from '@dimgx/core';
import { download } from '../client/download.ts';
import { showProgress } from '../progress/progress-display.ts';
import type { DownloadFlags } from './client-options.ts';
import { configuredClient } from './service-address.ts';

/** `dimgx download`: the file is complete and verified when it resolves. */
export async function downloadCommand(id: string, flags: DownloadFlags, signal: AbortSignal): Promise<void> {
  const artifact = await configuredClient(signal).jobs.artifact(id);
  const path = flags.output ?? `${id}${traits[artifact.compression].suffix}`;
  const display = showProgress('auto');
  const options = { force: flags.force === true, signal, onProgress: display.show };
  const target = await download(artifact, path, options).finally(() => display.finish());
  // Where the artifact goes to stdout, nothing else may.
  if (target.key !== '-') process.stdout.write(`${target.key}\n`);
}
