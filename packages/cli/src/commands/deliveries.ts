import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError } from '@dimgx/core';
import { z } from 'zod';
import { plainTable, plainTime } from '../plain-table.ts';
import { formatDuration } from '../quantity.ts';
import type { DeliveriesFlags } from './callback-options.ts';
import { callbackPath } from './callbacks.ts';
import { configuredClient } from './service-address.ts';

const attemptSchema = z.looseObject({
  at: z.string(),
  durationMs: z.number(),
  status: z.number().optional(),
  fault: z.string().optional(),
});

/** What the client reads of a delivery; the service may tell more. */
const deliverySchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  job: z.string().optional(),
  batch: z.string().optional(),
  state: z.string(),
  attempts: z.array(attemptSchema),
  createdAt: z.string(),
});

const pageSchema = z.object({ items: z.array(deliverySchema), nextCursor: z.string().optional() });

type DeliveryView = z.output<typeof deliverySchema>;
type Client = ReturnType<typeof configuredClient>;

const defaultLimit = 50;
const mostOnPage = 500;
/** Between two looks at a delivery. */
const pollMs = 300;

/** `dimgx callbacks ping`: rejects with `ENDPOINT_UNREACHABLE` if the receiver does not take it. */
export async function ping(id: string, signal: AbortSignal): Promise<void> {
  const client = configuredClient(signal);
  await tellOutcome(client, id, await client.ask('POST', `${callbackPath(id)}/ping`), signal);
}

/** `dimgx callbacks redeliver`: as `ping`. */
export async function redeliver(id: string, delivery: string, signal: AbortSignal): Promise<void> {
  const client = configuredClient(signal);
  const path = `${deliveryPath(id, delivery)}/redeliver`;
  await tellOutcome(client, id, await client.ask('POST', path), signal);
}

/** `dimgx callbacks deliveries`: a line a delivery, page after page until there are as many as were asked for. */
export async function listDeliveries(id: string, flags: DeliveriesFlags, signal: AbortSignal): Promise<void> {
  const { limit = defaultLimit, json } = flags;
  const client = configuredClient(signal);
  const found: DeliveryView[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined && found.length < limit; ) {
    const query = `limit=${Math.min(limit - found.length, mostOnPage)}${cursor && `&cursor=${cursor}`}`;
    const page = pageSchema.parse(await client.ask('GET', `${callbackPath(id)}/deliveries?${query}`));
    found.push(...page.items);
    cursor = page.nextCursor;
  }
  if (json === true) for (const each of found) process.stdout.write(`${JSON.stringify(each)}\n`);
  else process.stdout.write(plainTable(titles, found.map(rowOf)));
}

const titles = ['ID', 'TYPE', 'STATE', 'LAST ATTEMPT', 'ANSWER', 'ABOUT'];

function rowOf({ id, type, state, attempts, job, batch }: DeliveryView): string[] {
  const last = attempts.at(-1);
  const answer = last === undefined ? '-' : String(last.status ?? last.fault);
  return [id, type, state, plainTime(last?.at), answer, job ?? batch ?? '-'];
}

/** Waits for the attempt that was asked for, and tells how it went. */
async function tellOutcome(
  client: Client,
  endpoint: string,
  queued: unknown,
  signal: AbortSignal,
): Promise<void> {
  const before = deliverySchema.parse(queued);
  const path = deliveryPath(endpoint, before.id);
  for (;;) {
    const { id, state, attempts } = deliverySchema.parse(await client.ask('GET', path));
    const last = attempts.at(-1);
    if (last !== undefined && last.at !== before.attempts.at(-1)?.at) {
      const { status, fault, durationMs } = last;
      const how = status === undefined ? fault : `${status} after ${formatDuration(durationMs)}`;
      if (state !== 'delivered') {
        const then = state === 'pending' ? '; it is tried again later' : '';
        throw new DimgxError('ENDPOINT_UNREACHABLE', `delivery ${id} has failed: ${how}${then}`);
      }
      process.stdout.write(`${id} ${state}: ${how}\n`);
      return;
    }
    await delay(pollMs, undefined, { signal });
  }
}

function deliveryPath(endpoint: string, delivery: string): string {
  return `${callbackPath(endpoint)}/deliveries/${encodeURIComponent(delivery)}`;
}
