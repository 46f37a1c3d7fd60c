import {
  DimgxError,
  dimgxVersion,
  type OutboundAnswer,
  type OutboundClient,
  toDimgxError,
} from '@dimgx/core';
import type { Logger } from 'pino';
import type { Batch } from '../batches/batch.ts';
import { batchEntryPrefix } from '../batches/batch-keys.ts';
import type { Job } from '../job-record.ts';
import { rfc3339 } from '../rfc3339.ts';
import type { Span, Tracing } from '../tracing/tracing.ts';
import type { CallbackDeliveries, Claim, Settlement } from './callback-deliveries.ts';
import type { CallbackDelivery, DeliveryAttempt } from './callback-delivery.ts';
import type { CallbackEndpoints } from './callback-endpoints.ts';
import { batchEvent, eventBody, jobEvent } from './event-body.ts';
import { nextWait } from './retry-schedule.ts';
import { signatureHeaders } from './signed-event.ts';

export interface SenderParts {
  readonly endpoints: CallbackEndpoints;
  readonly deliveries: CallbackDeliveries;
  readonly outbound: OutboundClient;
  /** Undefined if the job is not known any more. */
  findJob(id: string): Promise<Job | undefined>;
  /** Undefined if the batch is not known any more. */
  findBatch(id: string): Promise<Batch | undefined>;
  /** The `traceparent` that a job or batch keeps. */
  traceOf(subject: Pick<CallbackDelivery, 'job' | 'batch'>): Promise<string | undefined>;
  readonly tracing: Tracing;
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

  /** Queues a delivery for jobs and batches that have ended, many at once; gives whether there may be more of them. */
  async queueEnded(): Promise<boolean> {
    const entries = await this.#parts.deliveries.ended(endedAtOnce);
    await Promise.all(entries.map((entry) => this.#queueOrDrop(entry)));
    return entries.length === endedAtOnce;
  }

  async #queueOrDrop(entry: string): Promise<void> {
    const { deliveries, log } = this.#parts;
    try {
      await this.#queueEntry(entry);
    } catch (error) {
      if (error instanceof DimgxError && error.code === 'REDIS_UNREACHABLE') throw error;
      // Whatever is wrong with it will be so the next time, and the others would wait.
      log.error({ entry, err: error }, 'no callback');
      await deliveries.drop(entry);
    }
  }

  async #queueEntry(entry: string): Promise<void> {
    const { deliveries, findJob, findBatch, log } = this.#parts;
    const event = entry.startsWith(batchEntryPrefix)
      ? batchEvent(await findBatch(entry.slice(batchEntryPrefix.length)))
      : jobEvent(await findJob(entry));
    if (event !== undefined) return void (await deliveries.queue(event));
    log.warn({ entry }, 'no callback: what it is about is not known any more');
    await deliveries.drop(entry);
  }

  /** Makes one attempt at a delivery. `signal` gives it up, and it is made again when its lease is over. */
  async send(claim: Claim, signal: AbortSignal): Promise<void> {
    const { endpoints, deliveries, log } = this.#parts;
    const { id, endpoint, job, batch } = claim.delivery;
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
    const about = await this.#subjectOf(claim);
    if ((job ?? batch) !== undefined && about === undefined) {
      return void (await giveUp(`the ${job === undefined ? 'batch' : 'job'} is not known any more`));
    }

    const outcome = await this.#postTraced(claim, eventBody(claim.delivery, about), signal);
    const durationMs = Math.round(performance.now() - begun);
    if (outcome instanceof DimgxError) {
      const next = this.#later(claim);
      this.#tellFailure(claim, next, { err: outcome });
      await settle(next, { durationMs, fault: outcome.message });
      return;
    }
    const { status, retryAfter } = outcome;
    const next = this.#afterAnswer(claim, status, retryAfter);
    if (next.state === 'delivered')
      log.info({ callback: endpoint, delivery: id, job, batch, status }, 'callback');
    else this.#tellFailure(claim, next, { status });
    if (status === 410) await endpoints.disable(endpoint);
    await settle(next, { durationMs, status });
  }

  /** One line for each attempt that failed. The URL stays out of it: its path and query may be secret. */
  #tellFailure(
    { delivery: { id, endpoint, type, job, batch } }: Claim,
    { nextAttempt }: Omit<Settlement, 'attempts'>,
    why: { readonly status: number } | { readonly err: DimgxError },
  ): void {
    const nextAttemptAt = nextAttempt && rfc3339(nextAttempt);
    const of = job === undefined ? batch && ` of batch ${batch}` : ` of job ${job}`;
    const next = nextAttemptAt === undefined ? 'not tried again' : `next try at ${nextAttemptAt}`;
    const answer = 'status' in why ? `: it answered ${why.status}` : '';
    this.#parts.log.warn(
      { callback: endpoint, delivery: id, event: type, job, batch, ...why, nextAttemptAt },
      `callback ${endpoint} has not got ${type}${of ?? ''}, ${next}${answer}`,
    );
  }

  async #subjectOf({ delivery: { job, batch } }: Claim): Promise<Job | Batch | undefined> {
    const { findJob, findBatch } = this.#parts;
    if (job !== undefined) return findJob(job);
    return batch === undefined ? undefined : findBatch(batch);
  }

  async #postTraced(claim: Claim, body: string, signal: AbortSignal): Promise<OutboundAnswer | DimgxError> {
    const { tracing, traceOf } = this.#parts;
    const { id, type, endpoint, job, batch } = claim.delivery;
    const span = tracing.begin('callback', {
      ...{ kind: 'client', parent: await traceOf({ job, batch }) },
      attributes: {
        ...{ 'http.request.method': 'POST', 'server.address': new URL(claim.url).hostname },
        ...{ 'dimgx.callback.id': endpoint, 'dimgx.callback.delivery': id, 'dimgx.callback.event': type },
        ...{ 'dimgx.job.id': job, 'dimgx.batch.id': batch },
      },
    });
    try {
      const outcome = await this.#post(claim, body, span, signal);
      if (outcome instanceof DimgxError) span.end(outcome.code);
      else {
        span.set({ 'http.response.status_code': outcome.status });
        span.end(outcome.status < 400 ? undefined : String(outcome.status));
      }
      return outcome;
    } catch (thrown) {
      span.end(toDimgxError(thrown).code);
      throw thrown;
    }
  }

  async #post(
    { delivery, url }: Claim,
    body: string,
    { traceparent }: Span,
    signal: AbortSignal,
  ): Promise<OutboundAnswer | DimgxError> {
    const { endpoints, outbound } = this.#parts;
    const secrets = await endpoints.secrets(delivery.endpoint).catch(sealedAway);
    if (secrets instanceof DimgxError) return secrets;
    const headers = {
      'content-type': 'application/json',
      'user-agent': `dimgx/${dimgxVersion}`,
      ...signatureHeaders({ id: delivery.id, at: new Date(), body }, secrets),
      ...(traceparent !== undefined && { traceparent }),
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

/** To the receiver, it is as if nobody could reach it. */
function sealedAway(thrown: unknown): DimgxError {
  if (thrown instanceof DimgxError && thrown.code === 'SECRET_SEALED') return thrown;
  throw thrown;
}
