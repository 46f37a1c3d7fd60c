import { traits } from '@dimgx/core';
import { download, type Resume } from '../client/download.ts';
import { showProgress } from '../progress/progress-display.ts';
import type { DownloadFlags } from './client-options.ts';
import { configuredClient } from './service-address.ts';
import { say } from './warnings.ts';

/** `dimgx download`: the file is complete and verified when it resolves; what stopped before can be gone on with. */
export async function downloadCommand(id: string, flags: DownloadFlags, signal: AbortSignal): Promise<void> {
  const { jobs } = configuredClient(signal);
  const artifact = await jobs.artifact(id);
  const path = flags.output ?? `${id}${traits[artifact.compression].suffix}`;
  const display = showProgress('auto');
  const resume: Resume = {
    open: (held) => jobs.artifact(id, { held }),
    say(message) {
      display.finish();
      say(message);
    },
  };
  const options = { force: flags.force === true, signal, onProgress: display.show, resume };
  const target = await download(artifact, path, options).finally(() => display.finish());
  // Where the artifact goes to stdout, nothing else may.
  if (target.key !== '-') process.stdout.write(`${target.key}\n`);
}
