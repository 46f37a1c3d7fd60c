import type { Algorithm, JobRequest } from '@dimgx/client';
import { type Command, Option } from 'commander';
import { collect, wholeNumber } from './option-parsers.ts';
import { where } from './service-help.ts';

/** What is asked for of images, as commander gives it. */
export interface JobFlags {
  readonly kind?: JobRequest['kind'];
  readonly layers?: readonly string[];
  readonly platform?: string;
  readonly compression?: Algorithm;
  readonly compressLevel?: number;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly force?: true;
  readonly pull?: JobRequest['pull'];
  readonly pool?: string;
  readonly priority?: JobRequest['priority'];
  readonly timeout?: number;
  readonly label?: readonly string[];
}

/** What `dimgx submit` was asked for, as commander gives it. */
export interface SubmitFlags extends JobFlags {
  readonly key?: string;
  readonly callback?: string;
  readonly passthrough?: string;
  readonly wait?: true;
  readonly json?: true;
}

const help = `
Prints the id of each job; with --wait, when it is done, also its state.
${where}

Examples:
  dimgx submit docker-daemon:debian:12 --wait
  dimgx submit app:1 app:2 --compression gzip --priority low --label team=web
  dimgx submit app:1 --kind inspect --wait --json`;

const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices);

/** Submits images to a service. */
export function defineSubmit(program: Command, signal: AbortSignal): void {
  const submit = program
    .command('submit')
    .description('have the service flatten images')
    .argument('<image...>', 'see dimgx --help; as the service sees it');
  addJobOptions(submit)
    .option('--key <key>', "the artifact's place in the store, instead of one by what it holds")
    .option('--callback <url>', 'to be told the end of each job')
    .option('--passthrough <json>', 'what the callback is to say besides')
    .option('--wait', 'until all are done; fails if one does')
    .option('--json', 'the jobs as JSON, a line each')
    .addHelpText('after', help)
    .action(async (images: string[], flags: SubmitFlags) =>
      (await import('./submit.ts')).submit(images, flags, signal),
    );
}

/** Gives a command the options of `JobFlags`. */
export function addJobOptions(command: Command): Command {
  return command
    .addOption(oneOf('--kind <name>', 'flatten unless given', ['flatten', 'inspect']))
    .option('-l, --layers <spec>', 'layers, as of dimgx flatten --strict; several add up', collect)
    .option('--platform <os/arch[/variant]>', 'which image of a multi-platform one')
    .addOption(oneOf('--compression <name>', 'zstd unless given', ['none', 'gzip', 'zstd', 'xz', 'bzip2']))
    .option('--compress-level <n>', 'on the scale of the compression', wholeNumber)
    .option('--include <glob>', 'only paths that match, and their folders; several add up', collect)
    .option('--exclude <glob>', 'no paths that match; several add up', collect)
    .option('--force', 'flatten even if the store has the artifact')
    .addOption(
      oneOf('--pull <when>', 'whether the engine pulls first; missing unless given, for triggers always', [
        ...['missing', 'always', 'never'],
      ]),
    )
    .option('--pool <name>', 'which workers may take the jobs')
    .addOption(oneOf('--priority <name>', 'normal unless given', ['low', 'normal', 'high']))
    .option('--timeout <seconds>', 'how long one attempt may take', wholeNumber)
    .option('--label <name=value>', 'to find the jobs by; several add up', collect);
}
