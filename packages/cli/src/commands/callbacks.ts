import { z } from 'zod';
import { plainRows, plainTable, plainTime } from '../plain-table.ts';
import type { CallbackViewFlags } from './callback-options.ts';
import { configuredClient } from './service-address.ts';

/** What the client reads of an endpoint; the service may tell more. */
const endpointSchema = z.looseObject({
  id: z.string(),
  url: z.string(),
  state: z.string(),
  createdAt: z.string(),
});

const addedSchema = endpointSchema.extend({ secret: z.string().optional() });
const listSchema = z.object({ items: z.array(endpointSchema) });
const rotatedSchema = z.object({ secret: z.string() });

type EndpointView = z.output<typeof endpointSchema>;

/** `dimgx callbacks add`: the id, and the secret of an endpoint that is new. */
export async function addCallback(url: string, flags: CallbackViewFlags, signal: AbortSignal): Promise<void> {
  const added = addedSchema.parse(await configuredClient(signal).ask('POST', '/v1/callbacks', { url }));
  if (flags.json === true) return void process.stdout.write(jsonLine(added));
  const { id, secret } = added;
  process.stdout.write(plainRows([['id', id], ...(secret === undefined ? [] : [['secret', secret]])]));
  const about =
    secret === undefined
      ? `it is registered already; for a new secret: dimgx callbacks rotate ${id}`
      : 'the secret is shown this once';
  process.stderr.write(`${about}\n`);
}

/** `dimgx callbacks list`: a line an endpoint. */
export async function listCallbacks(flags: CallbackViewFlags, signal: AbortSignal): Promise<void> {
  const { items } = listSchema.parse(await configuredClient(signal).ask('GET', '/v1/callbacks'));
  if (flags.json === true) for (const each of items) process.stdout.write(jsonLine(each));
  else process.stdout.write(plainTable(titles, items.map(rowOf)));
}

/** `dimgx callbacks show`. */
export async function showCallback(id: string, flags: CallbackViewFlags, signal: AbortSignal): Promise<void> {
  tell(await configuredClient(signal).ask('GET', callbackPath(id)), flags);
}

/** `dimgx callbacks enable`. */
export async function enableCallback(id: string, signal: AbortSignal): Promise<void> {
  tell(await configuredClient(signal).ask('POST', `${callbackPath(id)}/enable`), {});
}

/** `dimgx callbacks rotate`: the secret alone to stdout. */
export async function rotateSecret(id: string, signal: AbortSignal): Promise<void> {
  const answer = await configuredClient(signal).ask('POST', `${callbackPath(id)}/rotate`);
  process.stdout.write(`${rotatedSchema.parse(answer).secret}\n`);
  process.stderr.write('the secret is shown this once; for a day the old one signs too\n');
}

/** `dimgx callbacks delete`. */
export async function deleteCallback(id: string, signal: AbortSignal): Promise<void> {
  await configuredClient(signal).ask('DELETE', callbackPath(id));
  process.stdout.write(`${id} deleted\n`);
}

export function callbackPath(id: string): string {
  return `/v1/callbacks/${encodeURIComponent(id)}`;
}

const titles = ['ID', 'STATE', 'CREATED', 'URL'];

function rowOf({ id, state, createdAt, url }: EndpointView): string[] {
  return [id, state, plainTime(createdAt), url];
}

function tell(answer: unknown, { json }: CallbackViewFlags): void {
  const endpoint = endpointSchema.parse(answer);
  process.stdout.write(json === true ? jsonLine(endpoint) : plainTable(titles, [rowOf(endpoint)]));
}

function jsonLine(endpoint: EndpointView): string {
  return `${JSON.stringify(endpoint)}\n`;
}
