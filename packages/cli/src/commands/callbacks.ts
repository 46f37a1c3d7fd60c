import type { CallbackEndpoint } from '@dimgx/client';
import { oneLine } from '../error-line.ts';
import { plainRows, plainTable, plainTime } from '../plain-table.ts';
import type { CallbackViewFlags } from './callback-options.ts';
import { configuredClient } from './service-address.ts';

/** `dimgx callbacks add`: the id, and the secret of an endpoint that is new. */
export async function addCallback(url: string, flags: CallbackViewFlags, signal: AbortSignal): Promise<void> {
  const added = await configuredClient(signal).callbacks.register({ url });
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
  const items = await configuredClient(signal).callbacks.list();
  if (flags.json === true) for (const each of items) process.stdout.write(jsonLine(each));
  else process.stdout.write(plainTable(titles, items.map(rowOf)));
}

/** `dimgx callbacks show`. */
export async function showCallback(id: string, flags: CallbackViewFlags, signal: AbortSignal): Promise<void> {
  tell(await configuredClient(signal).callbacks.get(id), flags);
}

/** `dimgx callbacks enable`. */
export async function enableCallback(id: string, signal: AbortSignal): Promise<void> {
  tell(await configuredClient(signal).callbacks.enable(id), {});
}

/** `dimgx callbacks rotate`: the secret alone to stdout. */
export async function rotateSecret(id: string, signal: AbortSignal): Promise<void> {
  const { secret } = await configuredClient(signal).callbacks.rotate(id);
  process.stdout.write(`${oneLine(secret)}\n`);
  process.stderr.write('the secret is shown this once; for a day the old one signs too\n');
}

/** `dimgx callbacks delete`. */
export async function deleteCallback(id: string, signal: AbortSignal): Promise<void> {
  await configuredClient(signal).callbacks.delete(id);
  process.stdout.write(`${id} deleted\n`);
}

const titles = ['ID', 'STATE', 'CREATED', 'URL'];

function rowOf({ id, state, createdAt, url }: CallbackEndpoint): string[] {
  return [id, state, plainTime(createdAt), url];
}

function tell(endpoint: CallbackEndpoint, { json }: CallbackViewFlags): void {
  process.stdout.write(json === true ? jsonLine(endpoint) : plainTable(titles, [rowOf(endpoint)]));
}

function jsonLine(endpoint: CallbackEndpoint): string {
  return `${JSON.stringify(endpoint)}\n`;
}
