import type { Command } from 'commander';
import { numberFromOne } from './option-parsers.ts';
import { where } from './service-help.ts';
import { addJobOptions, type JobFlags } from './submit-options.ts';

/** What `dimgx batch` was asked for, as commander gives it. */
export interface BatchFlags extends JobFlags {
  readonly callback?: string;
  readonly wait?: true;
  readonly json?: true;
}

export interface BatchListFlags {
  readonly limit?: number;
  readonly json?: true;
}

export interface BatchViewFlags {
  readonly json?: true;
}

const batchHelp = `
FILE has an image on each line, - is stdin. Blank lines and those that begin with # are left out; a line that begins
with { is a whole job as JSON, as for POST /v1/jobs. Prints the batch's id; with --wait also how it ended.
${where}

Examples:
  dimgx batch images.txt --priority low --wait
  docker image ls --format 'docker-daemon:{{.Repository}}:{{.Tag}}' | dimgx batch -`;

const groupHelp = `
${where}

Examples:
  dimgx batches list
  dimgx batches retry 0197f1c2-7c1e-7f30-9c55-3f4f4ad1c0de --wait`;

/** The commands that deal with many images at once. */
export function defineBatches(program: Command, signal: AbortSignal): void {
  const batch = program
    .command('batch')
    .description('have the service flatten many images')
    .argument('<file>', 'a line an image; - is stdin');
  addJobOptions(batch)
    .option('--callback <url>', 'to be told the end of the batch')
    .option('--wait', 'until all are done; fails if one does')
    .option('--json', 'the batch as JSON')
    .addHelpText('after', batchHelp)
    .action(async (file: string, flags: BatchFlags) =>
      (await import('./batch.ts')).batch(file, flags, signal),
    );

  const group = program
    .command('batches')
    .description('batches of the service')
    .addHelpText('afterAll', groupHelp);
  group
    .command('list')
    .description('the batches, newest first')
    .option('--limit <n>', 'how many at the most (50)', numberFromOne)
    .option('--json', 'the batches as JSON, a line each')
    .action(async (flags: BatchListFlags) => (await import('./batches.ts')).listBatches(flags, signal));
  group
    .command('status')
    .description('how a batch stands')
    .argument('<id>')
    .option('--json', 'the whole batch as JSON')
    .action(async (id: string, flags: BatchViewFlags) =>
      (await import('./batches.ts')).batchStatus(id, flags, signal),
    );
  group
    .command('artifacts')
    .description('what the completed jobs of a batch have made, newest first')
    .argument('<id>')
    .option('--json', 'the artifacts as JSON, a line each')
    .action(async (id: string, flags: BatchViewFlags) =>
      (await import('./batches.ts')).batchArtifacts(id, flags, signal),
    );
  group
    .command('cancel')
    .description('stop all jobs of a batch')
    .argument('<id>')
    .action(async (id: string) => (await import('./batches.ts')).cancelBatch(id, signal));
  group
    .command('retry')
    .description('have the failed jobs of a batch done again, as a new one')
    .argument('<id>')
    .option('--wait', 'until all are done; fails if one does')
    .option('--json', 'the new batch as JSON')
    .action(async (id: string, flags: Pick<BatchFlags, 'wait' | 'json'>) =>
      (await import('./batch.ts')).retryBatch(id, flags, signal),
    );
}
