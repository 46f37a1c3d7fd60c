import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect } from './option-parsers.ts';

const keysHelp = `
With DIMGX_TOKEN, a key of the scope admin, over the API at DIMGX_URL. Without it, but with REDIS_URL, straight in the
service's Redis: so the first key is made, or one when all are lost. Without both over an API that is still open, as
that of dimgx up on this machine.`;

const groupHelp = `${keysHelp}

Examples:
  dimgx keys create ci
  dimgx keys list`;

const createHelp = `
Prints the key alone to stdout, once: nobody can look it up later. Scopes: read looks at jobs and artifacts, submit
has images done, manage cancels jobs and changes callbacks and the like, admin is all, keys too.
${keysHelp}

Examples:
  dimgx keys create ci
  dimgx keys create nightly --scope read --scope manage --expires 90d
  REDIS_URL=redis://redis:6379 dimgx keys create first --scope admin`;

const listHelp = `
Examples:
  dimgx keys list
  dimgx keys list --json | jq -r 'select(.lastUsedAt == null) | .id'`;

const revokeHelp = `
From then on the key opens nothing, at any API of the service. Jobs that it submitted go on.
${keysHelp}

Example:
  dimgx keys revoke 3f9a1c2b7d4e`;

/** What `dimgx keys create` was asked for, as commander gives it. */
export interface CreateKeyFlags {
  readonly scope?: readonly string[];
  /** RFC 3339. */
  readonly expires?: string;
  readonly json?: true;
}

export interface ListKeysFlags {
  readonly json?: true;
}

const day = 24 * 60 * 60 * 1000;
const unitLengths: Readonly<Record<string, number>> = { h: day / 24, d: day, w: 7 * day };

/** The commands that deal with API keys. */
export function defineKeys(program: Command, signal: AbortSignal): void {
  const keys = program.command('keys').description('API keys of the service').addHelpText('after', groupHelp);
  keys
    .command('create')
    .description('make a key, and print it')
    .argument('<name>', 'what it is for')
    .addOption(
      new Option(
        '--scope <name>',
        'read, submit, manage or admin; several add up (read and submit)',
      ).argParser(collect),
    )
    .option('--expires <when>', 'a date, a time, or from now: 12h, 90d, 4w (never)', expiryOf)
    .option('--json', 'the key and what is known of it as JSON')
    .addHelpText('after', createHelp)
    .action(async (name: string, flags: CreateKeyFlags) =>
      (await import('./keys.ts')).createKey(name, flags, signal),
    );
  keys
    .command('list')
    .description('all keys, oldest first')
    .option('--json', 'the keys as JSON, a line each')
    .addHelpText('after', listHelp)
    .action(async (flags: ListKeysFlags) => (await import('./keys.ts')).listKeys(flags, signal));
  keys
    .command('revoke')
    .description('have a key open nothing any more')
    .argument('<id>', 'as list shows it; it stands in the key: dimgx_ID_…')
    .addHelpText('after', revokeHelp)
    .action(async (id: string) => (await import('./keys.ts')).revokeKey(id, signal));
}

/** `90d` from now, or a date or time of one's own. RFC 3339. */
export function expiryOf(text: string): string {
  const [, count, unit = ''] = /^(\d{1,5})([hdw])$/.exec(text) ?? [];
  const isTime = /^\d{4}-\d{2}-\d{2}/.test(text);
  const time =
    count === undefined
      ? Date.parse(isTime ? text : '')
      : Date.now() + Number(count) * (unitLengths[unit] ?? 0);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It must be such as 12h, 90d, 4w or 2027-01-31.');
  return new Date(time).toISOString();
}
