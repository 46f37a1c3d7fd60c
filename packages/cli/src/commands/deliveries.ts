import { setTimeout as delay } from 'node:timers/promises';
import type { CallbackDelivery, Callbacks, DeliveryAttempt } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { firstItems, mostOnPage } from '../client/first-items.ts';
import { oneLine } from '../error-line.ts';
import { plainTable, plainTime } from '../plain-table.ts';
import { formatDuration } from '../quantity.ts';
import type { DeliveriesFlags } from './callback-options.ts';
import { configuredClient } from './service-address.ts';

const defaultLimit = 50;
/** Between two looks at a delivery. */
const pollMs = 300;
/** Longer than an attempt takes. */
const patienceMs = 20_000;

/** `dimgx callbacks ping`: rejects with `ENDPOINT_UNREACHABLE` if the receiver does not take it. */
export async function ping(id: string, signal: AbortSignal): Promise<void> {
  const { callbacks } = configuredClient(signal);
  await tellOutcome(callbacks, await callbacks.ping(id), signal);
}

/** `dimgx callbacks redeliver`: as `ping`. */
export async function redeliver(id: string, delivery: string, signal: AbortSignal): Promise<void> {
  const { callbacks } = configuredClient(signal);
  await tellOutcome(callbacks, await callbacks.redeliver(id, delivery), signal);
}

/** `dimgx callbacks deliveries`: a line a delivery, page after page until there are as many as were asked for. */
export async function listDeliveries(id: string, flags: DeliveriesFlags, signal: AbortSignal): Promise<void> {
  const { limit = defaultLimit, json } = flags;
  const all = configuredClient(signal).callbacks.deliveries(id, { limit: Math.min(limit, mostOnPage) });
  const found = await Array.fromAsync(firstItems(all, limit));
  if (json === true) for (const each of found) process.stdout.write(`${JSON.stringify(each)}\n`);
  else process.stdout.write(plainTable(titles, found.map(rowOf)));
}

const titles = ['ID', 'TYPE', 'STATE', 'LAST ATTEMPT', 'ANSWER', 'NEXT ATTEMPT', 'ABOUT'];

/** A line of the list, by its titles. */
export function rowOf(delivery: CallbackDelivery): string[] {
  const { id, type, state, attempts, nextAttemptAt, job, batch } = delivery;
  const last = attempts.at(-1);
  const answer = last === undefined ? '-' : answerOf(last);
  return [id, type, state, plainTime(last?.at), answer, plainTime(nextAttemptAt), job ?? batch ?? '-'];
}

function answerOf({ status, fault }: DeliveryAttempt): string {
  const isElsewhere = status !== undefined && status >= 300 && status < 400;
  return isElsewhere ? `${status}, not followed` : String(status ?? fault);
}

/** Waits for the attempt that was asked for, and tells how it went. Rejects with `TIMED_OUT` if there is none. */
export async function tellOutcome(
  callbacks: Pick<Callbacks, 'delivery'>,
  before: CallbackDelivery,
  signal: AbortSignal,
  patience = patienceMs,
): Promise<void> {
  const until = performance.now() + patience;
  for (;;) {
    const { id, state, attempts } = await callbacks.delivery(before.endpoint, before.id);
    const last = attempts.at(-1);
    if (last !== undefined && last.at !== before.attempts.at(-1)?.at) {
      const { status, fault, durationMs } = last;
      const how = status === undefined ? fault : `${status} after ${formatDuration(durationMs)}`;
      if (state !== 'delivered') {
        const then = state === 'pending' ? '; it is tried again later' : '';
        throw new DimgxError('ENDPOINT_UNREACHABLE', `delivery ${id} has failed: ${how}${then}`);
      }
      process.stdout.write(`${oneLine(`${id} ${state}: ${how}`)}\n`);
      return;
    }
    if (performance.now() > until) {
      const where = `the log of the API may tell why, dimgx callbacks deliveries ${before.endpoint} when it is`;
      throw new DimgxError(
        'TIMED_OUT',
        `delivery ${id} has not been tried for ${patience / 1000} seconds: ${where}`,
      );
    }
    await delay(pollMs, undefined, { signal });
  }
}
