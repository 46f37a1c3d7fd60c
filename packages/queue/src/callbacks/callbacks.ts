import { DimgxError, NetworkRules, OutboundClient } from '@dimgx/core';
import type { Logger } from 'pino';
import { batchKeys } from '../batches/batch-keys.ts';
import { findBatch as findBatchRecord } from '../batches/batch-records.ts';
import { defaultLifetimes } from '../job-lifetimes.ts';
import { JobRecords } from '../job-records.ts';
import { keys } from '../key-space.ts';
import type { RedisSettings } from '../redis-address.ts';
import { connectRedis } from '../redis-connection.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { SecretSeal } from '../secret-seal.ts';
import { noTracing, type Tracing } from '../tracing/tracing.ts';
import { CallbackDeliveries, type DeliveryPage } from './callback-deliveries.ts';
import type { CallbackDelivery } from './callback-delivery.ts';
import type { CallbackEndpoint } from './callback-endpoint.ts';
import { CallbackEndpoints, type Registration } from './callback-endpoints.ts';
import { CallbackSender } from './callback-sender.ts';
import { keepDelivering } from './delivery-loop.ts';
import { standardSchedule } from './retry-schedule.ts';

export interface CallbackSettings {
  readonly redis: RedisSettings;
  /** With which secrets are sealed in Redis; without it they are kept as they are. */
  readonly secretsKey?: string | undefined;
  /** Networks, besides the public Internet, that callbacks may go to, such as `10.0.0.0/8`. */
  readonly networks?: readonly string[];
  /** Milliseconds before each attempt; `standardSchedule` unless given. */
  readonly schedule?: readonly number[];
  /** Milliseconds between two looks at what is due. */
  readonly interval?: number;
  readonly tracing?: Tracing | undefined;
  readonly log: Logger;
}

const defaultInterval = 500;

/** The callbacks of the service: whom they go to, how they go, and what became of them. */
export class Callbacks {
  readonly #rules: NetworkRules;
  readonly #endpoints: CallbackEndpoints;
  readonly #deliveries: CallbackDeliveries;
  readonly #close: () => Promise<void>;

  /** Delivers from now on. Throws `REDIS_UNREACHABLE` or `CONFIG_INVALID`. The caller closes it. */
  static async start(settings: CallbackSettings): Promise<Callbacks> {
    const {
      secretsKey,
      networks = [],
      schedule = standardSchedule,
      interval = defaultInterval,
      tracing,
      log,
    } = settings;
    await using opened = new AsyncDisposableStack();
    const rules = new NetworkRules(networks, 'DIMGX_CALLBACK_NETWORKS');
    const outbound = await OutboundClient.open(rules);
    opened.defer(() => outbound.close());
    const redis = await connectRedis(settings.redis, 'producer', (err) =>
      log.warn({ err }, 'redis connection'),
    );
    opened.defer(() => redis.disconnect());

    const endpoints = new CallbackEndpoints(redis, new SecretSeal(secretsKey));
    const deliveries = new CallbackDeliveries(redis);
    const records = new JobRecords(redis, defaultLifetimes);
    const findJob = async (id: string) => (await records.find(id))?.job;
    const findBatch = (id: string) => findBatchRecord(redis, id);
    const sender = new CallbackSender({
      ...{ endpoints, deliveries, outbound, findJob, findBatch, schedule, log },
      tracing: tracing ?? noTracing,
      traceOf: async (subject) => (tracing === undefined ? undefined : keptTrace(redis, subject)),
    });
    opened.defer(keepDelivering({ deliveries, sender, interval, log }));
    const running = opened.move();
    return new Callbacks({ rules, endpoints, deliveries, close: () => running.disposeAsync() });
  }

  private constructor(parts: {
    rules: NetworkRules;
    endpoints: CallbackEndpoints;
    deliveries: CallbackDeliveries;
    close(): Promise<void>;
  }) {
    this.#rules = parts.rules;
    this.#endpoints = parts.endpoints;
    this.#deliveries = parts.deliveries;
    this.#close = parts.close;
  }

  /**
   * The endpoint of a callback's URL, made if it is not known. To be called before a job with that callback is made.
   * Throws `ADDRESS_REFUSED` or `LIMIT_EXCEEDED`.
   */
  async register(url: string): Promise<Registration> {
    const fault = this.#rules.urlFault(new URL(url));
    if (fault !== undefined) throw new DimgxError('ADDRESS_REFUSED', `the URL of the callback ${fault}`);
    return this.#endpoints.register(url);
  }

  /** Throws `CALLBACK_NOT_FOUND`. */
  find(id: string): Promise<CallbackEndpoint> {
    return this.#endpoints.find(id);
  }

  /** Oldest first. */
  list(): Promise<CallbackEndpoint[]> {
    return this.#endpoints.list();
  }

  /** What was still to be sent to it is not. Throws `CALLBACK_NOT_FOUND`. */
  forget(id: string): Promise<void> {
    return this.#endpoints.forget(id);
  }

  /** The new secret; the old one signs too for a day. Throws `CALLBACK_NOT_FOUND`. */
  rotate(id: string): Promise<string> {
    return this.#endpoints.rotate(id);
  }

  /** Throws `CALLBACK_NOT_FOUND`. */
  enable(id: string): Promise<CallbackEndpoint> {
    return this.#endpoints.enable(id);
  }

  /** Has an event sent that tells nothing. Throws `CALLBACK_NOT_FOUND`. */
  async ping(id: string): Promise<CallbackDelivery> {
    const { url } = await this.#endpoints.find(id);
    const delivery = await this.#deliveries.queue({ type: 'callback.ping', url });
    // Undefined if the endpoint has just been deleted.
    return this.#deliveries.find(id, delivery ?? '');
  }

  /** Newest first, from behind `cursor`. Throws `CALLBACK_NOT_FOUND`. */
  async deliveries(id: string, limit: number, cursor?: string): Promise<DeliveryPage> {
    await this.#endpoints.find(id);
    return this.#deliveries.list(id, limit, cursor);
  }

  /** Throws `DELIVERY_NOT_FOUND`. */
  delivery(endpoint: string, id: string): Promise<CallbackDelivery> {
    return this.#deliveries.find(endpoint, id);
  }

  /** Has a delivery made again now, under the same id. Throws `DELIVERY_NOT_FOUND`. */
  redeliver(endpoint: string, id: string): Promise<CallbackDelivery> {
    return this.#deliveries.redeliver(endpoint, id);
  }

  /** What is being sent may end for three seconds; what is cut off then is sent again by whoever runs next. */
  close(): Promise<void> {
    return this.#close();
  }
}

async function keptTrace(
  redis: Redis,
  { job, batch }: Pick<CallbackDelivery, 'job' | 'batch'>,
): Promise<string | undefined> {
  if (job === undefined && batch === undefined) return undefined;
  const record = job === undefined ? batchKeys.batch(batch ?? '') : keys.job(job);
  return (await overRedis(() => redis.hget(record, 'trace'))) ?? undefined;
}
