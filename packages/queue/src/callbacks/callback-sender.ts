import {
  DimgxError,
  dimgxVersion,
  type OutboundAnswer,
  type OutboundClient,
  toDimgxError,
} from '@dimgx/core';
import type { Logger } from 'pino';
import type { Job } from '../job-record.ts';
import type { CallbackDeliveries, Claim, Settlement } from './callback-deliveries.ts';
import type { DeliveryAttempt } from './callback-delivery.ts';
import type { CallbackEndpoints } from './callback-endpoints.ts';
import { eventBody, jobEvent } from './event-body.ts';
import { nextWait } from './retry-schedule.ts';
import { signatureHeaders } from './signed-event.ts';

export interface SenderParts {
  readonly endpoints: CallbackEndpoints;
  readonly deliveries: CallbackDeliveries;
  readonly outbound: OutboundClient;
  /** Undefined if the job is not known any more. */
  findJob(id: string): Promise<Job | undefined>;
  /** Milliseconds before each attempt. */
  readonly schedule: readonly number[];
  readonly log: Logger;
}

/** How much is kept of a delivery that was made again and again. */
const attemptsKept = 20;
const endedAtOnce = 100;

/** Makes deliveries, one at a time for each `send`. */
export class CallbackSender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  /** Queues a delivery for each job that has ended. */
  async queueEnded(): Promise<void> {
    const { deliveries, log } = this.#parts;
    for (const id of await deliveries.ended(endedAtOnce)) {
      try {
        await this.#queueJob(id);
      } catch (error) {
        if (error instanceof DimgxError && error.code === 'REDIS_UNREACHABLE') throw error;
        // Whatever is wrong with it will be so the next time, and the others would wait.
        log.error({ job: id, err: error }, 'no callback');
        await deliveries.drop(id);
      }
    }
  }

  async #queueJob(id: string): Promise<void> {
    const { deliveries, findJob, log } = this.#parts;
    const event = jobEvent(await findJob(id));
    if (event !== undefined) return void (await deliveries.queue(event));
    log.warn({ job: id }, 'no callback: the job is not known any more');
    await deliveries.drop(id);
  }

  /** Makes one attempt at a delivery. `signal` gives it up, and it is made again when its lease is over. */
  async send(claim: Claim, signal: AbortSignal): Promise<void> {
    const { endpoints, deliveries, findJob, log } = this.#parts;
    const { id, endpoint, job: jobId } = claim.delivery;
    const settle = (how: Omit<Settlement, 'attempts'>, attempt: Omit<DeliveryAttempt, 'at'>) =>
      deliveries.settle(claim, {
        ...how,
        attempts: [...claim.delivery.attempts, { at, ...attempt }].slice(-attemptsKept),
      });
    const at = new Date().toISOString();
    const begun = performance.now();
    const giveUp = (fault: string) =>
      settle({ state: 'failed', tries: claim.tries }, { durationMs: 0, fault });

    const { state } = await endpoints.find(endpoint);
    if (state === 'disabled') return void (await giveUp('the endpoint is disabled'));
    const job = jobId === undefined ? undefined : await findJob(jobId);
    if (jobId !== undefined && job === undefined) return void (await giveUp('the job is not known any more'));

    const outcome = await this.#post(claim, eventBody(claim.delivery, job), signal);
    const durationMs = Math.round(performance.now() - begun);
    if (outcome instanceof DimgxError) {
      log.warn({ callback: endpoint, delivery: id, err: outcome }, 'callback not delivered');
      await settle(this.#later(claim), { durationMs, fault: outcome.message });
      return;
    }
    const { status, retryAfter } = outcome;
    log.info({ callback: endpoint, delivery: id, job: jobId, status }, 'callback');
    if (status === 410) await endpoints.disable(endpoint);
    await settle(this.#afterAnswer(claim, status, retryAfter), { durationMs, status });
  }

  async #post(
    { delivery, url }: Claim,
    body: string,
    signal: AbortSignal,
  ): Promise<OutboundAnswer | DimgxError> {
    const { endpoints, outbound } = this.#parts;
    const secrets = await endpoints.secrets(delivery.endpoint);
    const headers = {
      'content-type': 'application/json',
      'user-agent': `dimgx/${dimgxVersion}`,
      ...signatureHeaders({ id: delivery.id, at: new Date(), body }, secrets),
    };
    try {
      return await outbound.post(new URL(url), { headers, body, signal });
    } catch (thrown) {
      signal.throwIfAborted();
      return toDimgxError(thrown);
    }
  }

  #afterAnswer(claim: Claim, status: number, retryAfter: string | undefined): Omit<Settlement, 'attempts'> {
    const tries = claim.tries + 1;
    if (status >= 200 && status < 300) return { state: 'delivered', tries };
    // The receiver wants no more of them.
    if (status === 410) return { state: 'failed', tries };
    return this.#later(claim, retryAfter);
  }

  #later(claim: Claim, retryAfter?: string): Omit<Settlement, 'attempts'> {
    const tries = claim.tries + 1;
    const now = Date.now();
    const wait = nextWait(this.#parts.schedule, tries, retryAfter, now);
    return wait === undefined
      ? { state: 'failed', tries }
      : { state: 'pending', tries, nextAttempt: now + wait };
  }
}
