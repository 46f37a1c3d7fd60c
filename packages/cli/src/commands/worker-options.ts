import type { Command } from 'commander';
import { where } from './service-help.ts';

const workersHelp = `
Those that are there now: one that stops is gone at once, one that dies after twenty seconds.
${where}

Examples:
  dimgx workers
  dimgx workers --json | jq -r 'select(.spool.free < 10e9) | .name'`;

const statsHelp = `
Jobs by state, and what each pool has to do and to do it with. A pool that has jobs and no workers keeps them until one
comes.
${where}

Examples:
  dimgx stats
  dimgx stats --json | jq '.pools[] | select(.workers == 0) | .pool'`;

/** What `dimgx workers` or `dimgx stats` was asked for, as commander gives it. */
export interface WorkersFlags {
  readonly json?: true;
}

/** The commands that show who works, and how much there is to do. */
export function defineWorkers(program: Command, signal: AbortSignal): void {
  program
    .command('workers')
    .description('the workers of the service')
    .option('--json', 'the workers as JSON, a line each')
    .addHelpText('after', workersHelp)
    .action(async (flags: WorkersFlags) => (await import('./workers.ts')).workers(flags, signal));
  program
    .command('stats')
    .description('how many jobs the service has, by state and pool')
    .option('--json', 'the counts as JSON')
    .addHelpText('after', statsHelp)
    .action(async (flags: WorkersFlags) => (await import('./stats.ts')).stats(flags, signal));
}
