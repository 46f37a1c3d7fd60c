import { dimgxVersion } from '@dimgx/core';
import { Command } from 'commander';
import { defineBatches } from './commands/batch-options.ts';
import { defineCallbacks } from './commands/callback-options.ts';
import { defineClient } from './commands/client-options.ts';
import { defineFlatten } from './commands/flatten-options.ts';
import { defineInspect } from './commands/inspect-options.ts';
import { defineJobs } from './commands/job-options.ts';
import { defineKeys } from './commands/key-options.ts';
import { defineSchedules } from './commands/schedule-options.ts';
import { defineService } from './commands/service-options.ts';
import { defineSubmit } from './commands/submit-options.ts';
import { defineTriggers } from './commands/trigger-options.ts';
import { defineWorkers } from './commands/worker-options.ts';

const references = `
Images:
  NAME[:TAG], docker-daemon:NAME[:TAG]|ID    the local Docker engine
  docker-archive:FILE[:NAME:TAG]             what docker save wrote
  oci:FOLDER[:TAG], oci-archive:FILE[:TAG]   an OCI layout, as a folder or a tar
  -                                          an archive on stdin

Exit codes: 0 done, 1 wrong usage, 2 failed, 3 a SPEC that names no layer (--strict, jobs), 130 interrupted.
Each command has its own --help with examples.`;

/**
 * The command line. Actions load what they need when they run, so that one command does not pay for another's
 * libraries; all of them stop when `signal` is aborted.
 */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command('dimgx')
    .description('Turns container images into root filesystems, one at a time or by the ten thousand.')
    .version(dimgxVersion)
    .option('--verbose', 'add the stack to an error')
    .configureHelp({ showGlobalOptions: true })
    // main.ts prints errors, one line each, whoever found them.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .addHelpText('after', references);
  defineInspect(program, signal);
  defineFlatten(program, signal);
  defineService(program, signal);
  defineSubmit(program, signal);
  defineClient(program, signal);
  defineJobs(program, signal);
  defineBatches(program, signal);
  defineSchedules(program, signal);
  defineTriggers(program, signal);
  defineCallbacks(program, signal);
  defineKeys(program, signal);
  defineWorkers(program, signal);
  return program;
}
