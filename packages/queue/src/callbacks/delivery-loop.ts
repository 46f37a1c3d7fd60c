import { DimgxError } from '@dimgx/core';
import type { Logger } from 'pino';
import { repeat } from '../repeated.ts';
import type { CallbackDeliveries, Claim } from './callback-deliveries.ts';
import type { CallbackSender } from './callback-sender.ts';

export interface LoopSettings {
  readonly deliveries: CallbackDeliveries;
  readonly sender: CallbackSender;
  /** Milliseconds between two looks at what is due. */
  readonly interval: number;
  readonly log: Logger;
}

/** Attempts of this process at a time, and how many of them may be at one endpoint, which may be slow. */
const maxSending = 16;
const maxSendingToOne = 4;
/** Milliseconds that running attempts have to end when the loop is to end. */
const endWithin = 3000;

/**
 * Makes all deliveries that are due, for as long as it runs; any number of processes may. Returns what ends it: it
 * resolves when nothing is being sent any more.
 */
export function keepDelivering({ deliveries, sender, interval, log }: LoopSettings): () => Promise<void> {
  const sending = new Map<Promise<void>, string>();
  const ending = new AbortController();
  let isEnding = false;

  const launch = (claim: Claim): void => {
    const { id, endpoint } = claim.delivery;
    const attempt = sender
      .send(claim, ending.signal)
      .catch((error: unknown) => log.warn({ delivery: id, err: error }, 'to be delivered again'))
      .finally(() => {
        sending.delete(attempt);
        looks.now();
      });
    sending.set(attempt, endpoint);
  };
  const launchDue = async (): Promise<void> => {
    while (!isEnding && sending.size < maxSending) {
      const claim = await deliveries.claim(busyEndpoints(sending.values()));
      if (claim === undefined) return;
      launch(claim);
    }
  };
  const round = async (): Promise<void> => {
    let isMore = true;
    while (isMore && !isEnding) {
      isMore = await sender.queueEnded();
      await launchDue();
    }
  };
  const looks = repeat(interval, round, (error) => log.warn({ err: error }, 'no callbacks for now'));
  return async () => {
    isEnding = true;
    await looks.end();
    const giveUp = () => ending.abort(new DimgxError('INTERRUPTED', 'the service was stopped'));
    const limit = setTimeout(giveUp, endWithin);
    await Promise.all(sending.keys());
    clearTimeout(limit);
  };
}

function busyEndpoints(endpoints: Iterable<string>): string[] {
  const counts = Map.groupBy(endpoints, (endpoint) => endpoint);
  return [...counts].filter(([, { length }]) => length >= maxSendingToOne).map(([endpoint]) => endpoint);
}
