import { z } from 'zod';
import { plainRows, plainTable, plainTime } from '../plain-table.ts';
import { inputText } from './input-text.ts';
import { namedValues } from './option-parsers.ts';
import { configuredAddress, configuredClient } from './service-address.ts';
import { requestTemplate } from './submit-request.ts';
import type { PutTriggerFlags, TriggerViewFlags } from './trigger-options.ts';

/** What the client reads of a trigger; the service may tell more. */
const triggerSchema = z.looseObject({
  id: z.string(),
  provider: z.string(),
  match: z.looseObject({ repositories: z.array(z.string()), tags: z.array(z.string()) }),
  job: z.looseObject({ image: z.string() }),
});

const logSchema = z.looseObject({
  at: z.string(),
  push: z.looseObject({ repository: z.string(), tag: z.string() }),
  job: z.string().optional(),
  ignored: z.string().optional(),
});

const putSchema = z.object({ trigger: triggerSchema, hook: z.string(), secret: z.string().optional() });
const listSchema = z.object({ items: z.array(triggerSchema) });
const shownSchema = z.object({ trigger: triggerSchema, hook: z.string(), log: z.array(logSchema) });

type TriggerView = z.output<typeof triggerSchema>;

/** `dimgx triggers put`: the hook to stdout, with the secret if one was made up. */
export async function putTrigger(
  id: string,
  image: string,
  flags: PutTriggerFlags,
  signal: AbortSignal,
): Promise<void> {
  const { provider, repository: repositories, tag: tags, json } = flags;
  const { topicArn, audience, serviceAccount } = flags;
  const callback = flags.callback === undefined ? undefined : { url: flags.callback };
  const body = {
    ...{ provider, topicArn, audience, serviceAccount, match: { repositories, tags } },
    paths: flags.path && namedValues('--path', flags.path),
    secret: flags.secretFile && (await inputText(flags.secretFile)).trim(),
    job: { image, ...requestTemplate(flags), callback },
  };
  const made = putSchema.parse(await configuredClient(signal).ask('PUT', pathOf(id), body));
  if (json === true) return void process.stdout.write(`${JSON.stringify(made)}\n`);
  const { hook, secret } = made;
  const rows = [['hook', hookUrl(hook)], ...(secret === undefined ? [] : [['secret', secret]])];
  process.stdout.write(plainRows(rows));
  if (secret !== undefined) process.stderr.write('the secret is shown this once\n');
}

/** `dimgx triggers list`: a line a trigger. */
export async function listTriggers(flags: TriggerViewFlags, signal: AbortSignal): Promise<void> {
  const { items } = listSchema.parse(await configuredClient(signal).ask('GET', '/v1/triggers'));
  if (flags.json === true) for (const each of items) process.stdout.write(`${JSON.stringify(each)}\n`);
  else process.stdout.write(plainTable(titles, items.map(rowOf)));
}

/** `dimgx triggers show`: the trigger, then its hook, then its last pushes. */
export async function showTrigger(id: string, flags: TriggerViewFlags, signal: AbortSignal): Promise<void> {
  const shown = shownSchema.parse(await configuredClient(signal).ask('GET', pathOf(id)));
  if (flags.json === true) return void process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  const pushes = shown.log.map(({ at, push: { repository, tag }, job, ignored }) => [
    plainTime(at),
    `${repository}:${tag}`,
    job ?? `ignored: ${ignored}`,
  ]);
  const parts = [
    plainTable(titles, [rowOf(shown.trigger)]),
    plainRows([['hook', hookUrl(shown.hook)]]),
    plainTable(['TIME', 'PUSHED', 'MADE'], pushes),
  ];
  process.stdout.write(parts.join('\n'));
}

/** `dimgx triggers delete`. */
export async function deleteTrigger(id: string, signal: AbortSignal): Promise<void> {
  await configuredClient(signal).ask('DELETE', pathOf(id));
  process.stdout.write(`${id} deleted\n`);
}

const titles = ['ID', 'PROVIDER', 'REPOSITORIES', 'TAGS', 'IMAGE'];

function rowOf({ id, provider, match, job }: TriggerView): string[] {
  return [id, provider, match.repositories.join(' '), match.tags.join(' '), job.image];
}

/** Of the service as this machine knows it; registries may know it by another name. */
function hookUrl(hook: string): string {
  return new URL(hook, configuredAddress().url).href;
}

function pathOf(id: string): string {
  return `/v1/triggers/${encodeURIComponent(id)}`;
}
