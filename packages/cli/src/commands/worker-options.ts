import type { Command } from 'commander';
import { where } from './service-help.ts';

const workersHelp = `
Those that are there now: one that stops is gone at once, one that dies after twenty seconds. ${where}

Examples:
  dimgx workers
  dimgx workers --json | jq -r 'select(.spool.free < 10e9) | .name'`;

/** What `dimgx workers` was asked for, as commander gives it. */
export interface WorkersFlags {
  readonly json?: true;
}

/** The command that shows who works. */
export function defineWorkers(program: Command, signal: AbortSignal): void {
  program
    .command('workers')
    .description('the workers of the service')
    .option('--json', 'the workers as JSON, a line each')
    .addHelpText('after', workersHelp)
    .action(async (flags: WorkersFlags) => (await import('./workers.ts')).workers(flags, signal));
}
