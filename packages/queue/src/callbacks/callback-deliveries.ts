import { DimgxError } from '@dimgx/core';
import { batchEntryPrefix } from '../batches/batch-keys.ts';
import { newJobId } from '../job-id.ts';
import { fieldsOf, runScript } from '../lua/redis-script.ts';
import type { CallbackOutcome } from '../metrics/counted.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { rfc3339 } from '../rfc3339.ts';
import {
  type CallbackDelivery,
  type DeliveryAttempt,
  type DeliveryRecord,
  deliveryOf,
  type EventType,
} from './callback-delivery.ts';
import { endpointId } from './callback-endpoint.ts';
import { callbackKeys as keys } from './callback-keys.ts';
import { claimDelivery } from './lua/claim-delivery.ts';
import { queueDelivery } from './lua/queue-delivery.ts';
import { redeliver } from './lua/redeliver.ts';
import { settleDelivery } from './lua/settle-delivery.ts';

/** An event that is to be told. */
export interface CallbackEvent {
  readonly type: EventType;
  /** Where to, in full. */
  readonly url: string;
  readonly job?: string;
  readonly batch?: string;
}

/** A delivery that its sender alone may settle until the lease ends. */
export interface Claim extends DeliveryRecord {
  readonly lease: number;
}

/** What became of an attempt. Without `nextAttempt`, in ms, there will be none. */
export interface Settlement {
  readonly state: CallbackDelivery['state'];
  readonly attempts: readonly DeliveryAttempt[];
  readonly tries: number;
  readonly nextAttempt?: number | undefined;
}

export interface DeliveryPage {
  readonly items: CallbackDelivery[];
  readonly nextCursor?: string;
}

/** As they are counted, by the state of the delivery after the attempt. */
const outcomes: Record<CallbackDelivery['state'], CallbackOutcome> = {
  ...{ delivered: 'delivered', pending: 'retried', failed: 'given_up' },
};

/** Longer than an attempt can take. Milliseconds. */
const leaseLength = 60_000;

/**
 * The deliveries on their way and the log of those that were. Each step is one script, so whoever dies between two of
 * them loses none. Throws `REDIS_UNREACHABLE`.
 */
export class CallbackDeliveries {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Entries of jobs and batches that have ended and whose callback is not queued, up to `most`. */
  async ended(most: number): Promise<string[]> {
    return overRedis(() => this.#redis.zrange(keys.ended, '0', String(most - 1)));
  }

  /** Takes an entry from those that have ended, without a delivery. */
  async drop(entry: string): Promise<void> {
    await overRedis(() => this.#redis.zrem(keys.ended, entry));
  }

  /**
   * Queues a delivery; that of a job or batch only if it is still among those that have ended, and then takes it from
   * there. The delivery's id; undefined if there is none to make.
   */
  async queue({ type, url, job, batch }: CallbackEvent): Promise<string | undefined> {
    const now = Date.now();
    const endpoint = endpointId(url);
    const id = newJobId(now);
    const at = rfc3339(now);
    const fields = { id, endpoint, type, url, state: 'pending', tries: 0, createdAt: at, nextAttemptAt: at };
    const entry = batch === undefined ? (job ?? '') : `${batchEntryPrefix}${batch}`;
    const about = { ...(job && { job }), ...(batch && { batch }) };
    const made = await runScript(
      this.#redis,
      queueDelivery,
      [keys.endpoint(endpoint)],
      [endpoint, id, now, entry, ...Object.entries({ ...fields, ...about }).flat()],
    );
    return made === 1 ? id : undefined;
  }

  /** The delivery that has been due for longest, of an endpoint that is not `busy`. */
  async claim(busy: readonly string[]): Promise<Claim | undefined> {
    const now = Date.now();
    const lease = now + leaseLength;
    const [endpoint, ...flat] = (await runScript(
      this.#redis,
      claimDelivery,
      [keys.dueEndpoints],
      [now, lease, ...busy],
    )) as string[];
    if (endpoint === undefined) return undefined;
    const record = deliveryOf(fieldsOf(flat));
    return record && { ...record, lease };
  }

  /** False, and nothing is written, if the lease has ended and somebody else has the delivery. */
  async settle({ delivery, lease }: Claim, settlement: Settlement): Promise<boolean> {
    const { state, attempts, tries, nextAttempt } = settlement;
    const isOver = nextAttempt === undefined;
    const times = isOver ? { finishedAt: rfc3339(Date.now()) } : { nextAttemptAt: rfc3339(nextAttempt) };
    const fields = { state, tries, attempts: JSON.stringify(attempts), ...times };
    const { endpoint, id } = delivery;
    const args = [endpoint, id, lease, nextAttempt ?? '', outcomes[state], ...Object.entries(fields).flat()];
    return (await runScript(this.#redis, settleDelivery, [keys.delivery(id)], args)) === 1;
  }

  /** Throws `DELIVERY_NOT_FOUND`. */
  async find(endpoint: string, id: string): Promise<CallbackDelivery> {
    const record = await this.#read(id);
    return record?.delivery.endpoint === endpoint ? record.delivery : notFound(id);
  }

  /** Newest first, from behind `cursor`: what the page before gave. */
  async list(endpoint: string, limit: number, cursor?: string): Promise<DeliveryPage> {
    const from = cursor === undefined ? '+' : `(${cursor}`;
    const ids = await overRedis(() =>
      this.#redis.zrevrangebylex(keys.deliveries(endpoint), from, '-', 'LIMIT', 0, limit + 1),
    );
    const found = await Promise.all(ids.slice(0, limit).map((id) => this.#read(id)));
    const items = found.flatMap((record) => (record === undefined ? [] : [record.delivery]));
    const nextCursor = ids.length > limit ? ids[limit - 1] : undefined;
    return { items, ...(nextCursor !== undefined && { nextCursor }) };
  }

  /** Has the delivery made again now, under the same id. Throws `DELIVERY_NOT_FOUND`. */
  async redeliver(endpoint: string, id: string): Promise<CallbackDelivery> {
    const now = Date.now();
    const args = [endpoint, id, now, rfc3339(now)];
    if ((await runScript(this.#redis, redeliver, [keys.delivery(id)], args)) !== 1) notFound(id);
    return this.find(endpoint, id);
  }

  async #read(id: string): Promise<DeliveryRecord | undefined> {
    return deliveryOf(await overRedis(() => this.#redis.hgetall(keys.delivery(id))));
  }
}

function notFound(id: string): never {
  throw new DimgxError('DELIVERY_NOT_FOUND', `there is no delivery ${id} to this endpoint, or not any more`);
}
