import type { Trigger, TriggerRequest } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { plainRows, plainTable, plainTime } from '../plain-table.ts';
import { inputText } from './input-text.ts';
import { namedValues } from './option-parsers.ts';
import { configuredAddress, configuredClient } from './service-address.ts';
import { requestTemplate } from './submit-request.ts';
import type { PutTriggerFlags, TriggerViewFlags } from './trigger-options.ts';

/** `dimgx triggers put`: the hook to stdout, with the secret if one was made up. */
export async function putTrigger(
  id: string,
  image: string,
  flags: PutTriggerFlags,
  signal: AbortSignal,
): Promise<void> {
  refuseForeignOptions(flags);
  const { provider, repository: repositories, tag: tags, json } = flags;
  const { topicArn, audience, serviceAccount } = flags;
  const callback = flags.callback === undefined ? undefined : { url: flags.callback };
  const request = {
    ...{ provider, topicArn, audience, serviceAccount, match: { repositories, tags } },
    paths: flags.path && namedValues('--path', flags.path),
    secret: flags.secretFile && (await inputText(flags.secretFile)).trim(),
    job: { image, ...requestTemplate(flags), callback },
  };
  // What else does not fit its provider, the service tells.
  const made = await configuredClient(signal).triggers.put(id, request as TriggerRequest);
  if (json === true) return void process.stdout.write(`${JSON.stringify(made)}\n`);
  const { hook, secret } = made;
  const rows = [['hook', hookUrl(hook)], ...(secret === undefined ? [] : [['secret', secret]])];
  process.stdout.write(plainRows(rows));
  if (secret !== undefined) process.stderr.write('the secret is shown this once\n');
}

/** The options that one provider alone has. */
const ownOptions = [
  ['path', '--path', 'generic'],
  ['topicArn', '--topic-arn', 'ecr-sns'],
  ['audience', '--audience', 'google-artifact-registry'],
  ['serviceAccount', '--service-account', 'google-artifact-registry'],
] as const;

/** The service would name the fields of its request. Throws `USAGE`. */
function refuseForeignOptions(flags: PutTriggerFlags): void {
  const foreign = ownOptions.filter(
    ([name, , owner]) => flags[name] !== undefined && flags.provider !== owner,
  );
  const told = foreign.map(([, option, owner]) => `${option} is for --provider ${owner} alone`);
  if (told.length > 0) throw new DimgxError('USAGE', told.join('; '));
}

/** `dimgx triggers list`: a line a trigger. */
export async function listTriggers(flags: TriggerViewFlags, signal: AbortSignal): Promise<void> {
  const items = await configuredClient(signal).triggers.list();
  if (flags.json === true) for (const each of items) process.stdout.write(`${JSON.stringify(each)}\n`);
  else process.stdout.write(plainTable(titles, items.map(rowOf)));
}

/** `dimgx triggers show`: the trigger, then its hook, then its last pushes. */
export async function showTrigger(id: string, flags: TriggerViewFlags, signal: AbortSignal): Promise<void> {
  const shown = await configuredClient(signal).triggers.get(id);
  if (flags.json === true) return void process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  const pushes = shown.log.map(({ at, push, job, ignored }) => [
    plainTime(at),
    push === undefined ? '-' : `${push.repository}:${push.tag}`,
    job ?? `ignored: ${ignored}`,
  ]);
  const parts = [
    plainTable(titles, [rowOf(shown.trigger)]),
    plainRows([['hook', hookUrl(shown.hook)]]),
    plainTable(['TIME', 'PUSHED', 'MADE'], pushes.length === 0 ? [['none', '', '']] : pushes),
  ];
  process.stdout.write(parts.join('\n'));
}

/** `dimgx triggers delete`. */
export async function deleteTrigger(id: string, signal: AbortSignal): Promise<void> {
  await configuredClient(signal).triggers.delete(id);
  process.stdout.write(`${id} deleted\n`);
}

const titles = ['ID', 'PROVIDER', 'REPOSITORIES', 'TAGS', 'IMAGE'];

function rowOf({ id, provider, match, job }: Trigger): string[] {
  return [id, provider, match.repositories.join(' '), match.tags.join(' '), job.image];
}

/** Of the service as this machine knows it; registries may know it by another name. */
function hookUrl(hook: string): string {
  return new URL(hook, configuredAddress().url).href;
}
