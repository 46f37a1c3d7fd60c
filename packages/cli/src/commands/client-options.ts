import { type Command, Option } from 'commander';
import { collect } from './option-parsers.ts';
import { where } from './service-help.ts';

/** What `dimgx submit` was asked for, as commander gives it. */
export interface SubmitFlags {
  readonly layers?: readonly string[];
  readonly platform?: string;
  readonly compression?: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly pool?: string;
  readonly priority?: string;
  readonly wait?: true;
  readonly json?: true;
}

export interface StatusFlags {
  readonly json?: true;
}

export interface DownloadFlags {
  readonly output?: string;
  readonly force?: true;
}

const submitHelp = `
Prints the id of each job; with --wait, when it is done, also its state. ${where}

Examples:
  dimgx submit docker-daemon:debian:12 --wait
  dimgx submit app:1 app:2 --compression gzip --priority low`;

const statusHelp = `
${where}

Example:
  dimgx status 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de --json`;

const downloadHelp = `
The file appears complete and verified, or not at all. ${where}

Examples:
  dimgx download 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de
  dimgx download 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de -o - | zstd -d | tar -t`;

/** The commands that talk to a service. */
export function defineClient(program: Command, signal: AbortSignal): void {
  program
    .command('submit')
    .description('have the service flatten images')
    .argument('<image...>', 'see dimgx --help; as the service sees it')
    .option('-l, --layers <spec>', 'layers, as of dimgx flatten; several add up', collect)
    .option('--platform <os/arch[/variant]>', 'which image of a multi-platform one')
    .addOption(
      new Option('--compression <name>', 'zstd unless given').choices([
        'none',
        'gzip',
        'zstd',
        'xz',
        'bzip2',
      ]),
    )
    .option('--include <glob>', 'only paths that match, and their folders; several add up', collect)
    .option('--exclude <glob>', 'no paths that match; several add up', collect)
    .option('--pool <name>', 'which workers may take the jobs')
    .addOption(new Option('--priority <name>', 'normal unless given').choices(['low', 'normal', 'high']))
    .option('--wait', 'until all are done; fails if one does')
    .option('--json', 'the jobs as JSON, a line each')
    .addHelpText('after', submitHelp)
    .action(async (images: string[], flags: SubmitFlags) =>
      (await import('./submit.ts')).submit(images, flags, signal),
    );
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
