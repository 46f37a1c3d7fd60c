import type { Command } from 'commander';
import { where } from './service-help.ts';

const cancelHelp = `
A job that waits is not begun any more; a worker that is at it stops within two seconds and leaves nothing. Harmless
for one that is cancelled already, refused for one that has ended otherwise. ${where}

Example:
  dimgx cancel 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de`;

/** The commands that deal with jobs that were submitted before. */
export function defineJobs(program: Command, signal: AbortSignal): void {
  program
    .command('cancel')
    .description('stop a job of the service')
    .argument('<id>')
    .addHelpText('after', cancelHelp)
    .action(async (id: string) => (await import('./cancel.ts')).cancel(id, signal));
}
