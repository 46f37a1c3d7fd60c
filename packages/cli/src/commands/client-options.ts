import type { Command } from 'commander';
import { where } from './service-help.ts';

export interface StatusFlags {
  readonly json?: true;
}

export interface DownloadFlags {
  readonly output?: string;
  readonly force?: true;
}

const statusHelp = `
${where}

Example:
  dimgx status 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de --json`;

const downloadHelp = `
The file appears complete and verified, or not at all. A download that was stopped
goes on where it was when the same command is given again.
${where}

Examples:
  dimgx download 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de
  dimgx download 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de -o - | zstd -d | tar -t`;

/** The commands that bring back what a service has done. */
export function defineClient(program: Command, signal: AbortSignal): void {
  program
    .command('status')
    .description('how a job of the service stands')
    .argument('<id>')
    .option('--json', 'the whole job as JSON')
    .addHelpText('after', statusHelp)
    .action(async (id: string, flags: StatusFlags) =>
      (await import('./status.ts')).status(id, flags, signal),
    );
  program
    .command('download')
    .description('fetch the artifact of a job')
    .argument('<id>')
    .option(
      '-o, --output <path>',
      'where it goes; - is stdout (the job id and a fitting suffix unless given)',
    )
    .option('-w, --force', 'replace the file if it exists')
    .addHelpText('after', downloadHelp)
    .action(async (id: string, flags: DownloadFlags) =>
      (await import('./download.ts')).downloadCommand(id, flags, signal),
    );
}
