import type { Command } from 'commander';
import { addNeededOption, collect } from './option-parsers.ts';
import { where } from './service-help.ts';
import { addJobOptions, type JobFlags } from './submit-options.ts';

/** What `dimgx triggers put` was asked for, as commander gives it. */
export interface PutTriggerFlags extends JobFlags {
  readonly provider: string;
  readonly repository?: readonly string[];
  readonly tag?: readonly string[];
  readonly secretFile?: string;
  readonly path?: readonly string[];
  readonly topicArn?: string;
  readonly audience?: string;
  readonly serviceAccount?: string;
  readonly callback?: string;
  readonly json?: true;
}

export interface TriggerViewFlags {
  readonly json?: true;
}

const help = `
${where}

Examples:
  dimgx triggers put pushes 'docker-daemon:harbor.example/{repository}:{tag}' --provider harbor --tag 'v*'
  dimgx triggers show pushes
  dimgx list --trigger pushes`;

const putHelp = `
Prints the hook that the registry is to send its webhooks to and, this once, a secret that was made up. IMAGE may hold
{registry}, {repository}, {tag} and {digest} of what was pushed; it is pulled always unless --pull says otherwise.
Providers, and what each needs: docs/triggers.md.
${where}

Examples:
  dimgx triggers put pushes 'docker-daemon:harbor.example/{repository}:{tag}' --provider harbor --tag 'v*'
  dimgx triggers put own 'docker-daemon:registry.example/{repository}:{tag}' --provider generic \\
    --path repository=/name --path tag=/version --secret-file own.secret`;

/** The commands that deal with triggers. */
export function defineTriggers(program: Command, signal: AbortSignal): void {
  const group = program
    .command('triggers')
    .description("jobs of the service by a registry's webhooks")
    .addHelpText('after', help);
  const put = group
    .command('put')
    .description('make a trigger, or change the one that is there')
    .argument('<id>', 'a-z, 0-9 and "-"')
    .argument('<image>', 'what a push makes a job of');
  addNeededOption(put, '--provider <name>', 'who sends: harbor, distribution, github, generic …')
    .option(
      '--repository <glob>',
      'only pushes to these, without the registry; several add up (all)',
      collect,
    )
    .option('--tag <glob>', 'only pushes of these; several add up (all)', collect)
    .option('--secret-file <path>', 'with the secret that the sender shows; - is stdin (one is made up)')
    .option('--path <name=pointer>', 'of generic: where repository, tag and others stand', collect)
    .option('--topic-arn <arn>', 'of ecr-sns: the topic')
    .option('--audience <name>', 'of google-artifact-registry: of the push subscription')
    .option('--service-account <email>', 'of google-artifact-registry: whose token is sent')
    .option('--callback <url>', 'to be told the end of each job')
    .option('--json', 'the trigger, its hook and its secret as JSON')
    .addHelpText('after', putHelp);
  addJobOptions(put).action(async (id: string, image: string, flags: PutTriggerFlags) =>
    (await import('./triggers.ts')).putTrigger(id, image, flags, signal),
  );
  group
    .command('list')
    .description('the triggers, oldest first')
    .addHelpText('after', help)
    .option('--json', 'the triggers as JSON, a line each')
    .action(async (flags: TriggerViewFlags) => (await import('./triggers.ts')).listTriggers(flags, signal));
  group
    .command('show')
    .description('a trigger, its hook, and what became of its last pushes')
    .addHelpText('after', help)
    .argument('<id>')
    .option('--json', 'all of it as JSON')
    .action(async (id: string, flags: TriggerViewFlags) =>
      (await import('./triggers.ts')).showTrigger(id, flags, signal),
    );
  group
    .command('delete')
    .description('delete a trigger; the jobs that it made stay')
    .addHelpText('after', help)
    .argument('<id>')
    .action(async (id: string) => (await import('./triggers.ts')).deleteTrigger(id, signal));
}
