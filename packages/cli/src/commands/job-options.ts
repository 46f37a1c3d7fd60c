import type { JobState } from '@dimgx/client';
import { type Command, Option } from 'commander';
import { collect, numberFromOne } from './option-parsers.ts';
import { where } from './service-help.ts';

const cancelHelp = `
A job that waits is not begun any more; a worker that is at it stops within two seconds and leaves nothing. Harmless
for one that is cancelled already, refused for one that has ended otherwise.
${where}

Example:
  dimgx cancel 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de`;

const retryHelp = `
Prints the id of a new job with the same request; the old one stays as it is.
${where}

Example:
  dimgx retry 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de`;

const listHelp = `
Newest first.
${where}

Examples:
  dimgx list --state failed --label team=web
  dimgx list --trigger pushes --state failed
  dimgx list --state queued -q --limit 1000 | xargs -n 1 dimgx cancel`;

const logsHelp = `
A line for each change of state and each step of its attempts: time, phase, and what happened.
${where}

Examples:
  dimgx logs 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de
  dimgx logs -f 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de`;

/** What `dimgx logs` was asked for, as commander gives it. */
export interface LogsFlags {
  readonly follow?: true;
  readonly json?: true;
}

/** What `dimgx list` was asked for, as commander gives it. */
export interface ListFlags {
  readonly state?: JobState;
  readonly image?: string;
  readonly label?: readonly string[];
  readonly batch?: string;
  readonly schedule?: string;
  readonly trigger?: string;
  readonly limit?: number;
  readonly quiet?: true;
  readonly json?: true;
}

/** The commands that deal with jobs that were submitted before. */
export function defineJobs(program: Command, signal: AbortSignal): void {
  program
    .command('cancel')
    .description('stop a job of the service')
    .argument('<id>')
    .addHelpText('after', cancelHelp)
    .action(async (id: string) => (await import('./cancel.ts')).cancel(id, signal));
  program
    .command('retry')
    .description('have the service do a job again that has ended')
    .argument('<id>')
    .addHelpText('after', retryHelp)
    .action(async (id: string) => (await import('./retry.ts')).retry(id, signal));
  program
    .command('list')
    .description('the jobs of the service')
    .addOption(
      new Option('--state <name>', 'only jobs in this state').choices([
        'queued',
        'active',
        'completed',
        'failed',
        'cancelled',
      ]),
    )
    .option('--image <reference>', 'only jobs of this image, as it was submitted')
    .option('--label <name=value>', 'only jobs with this label; several must all be there', collect)
    .option('--batch <id>', 'only jobs of this batch')
    .option('--schedule <id>', 'only jobs that this schedule has made')
    .option('--trigger <id>', 'only jobs that this trigger has made')
    .option('--limit <n>', 'how many at the most (50)', numberFromOne)
    .option('-q, --quiet', 'ids only')
    .option('--json', 'the jobs as JSON, a line each')
    .addHelpText('after', listHelp)
    .action(async (flags: ListFlags) => (await import('./list.ts')).list(flags, signal));
  program
    .command('logs')
    .description('what happened to a job of the service')
    .argument('<id>')
    .option('-f, --follow', 'go on until the job has ended')
    .option('--json', 'the lines as JSON')
    .addHelpText('after', logsHelp)
    .action(async (id: string, flags: LogsFlags) => (await import('./logs.ts')).logs(id, flags, signal));
}
