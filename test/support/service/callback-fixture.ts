import { DimgxError } from '@dimgx/core';
import {
  type CallbackDelivery,
  type CallbackSettings,
  Callbacks,
  type Job,
  jobErrorOf,
  jobRequestSchema,
} from '@dimgx/queue';
import { afterEach, expect, vi } from 'vitest';
import { type Answer, type CallbackReceiver, startReceiver } from './callback-receiver.ts';
import { emptiedQueue, type QueueFixture } from './queue-fixture.ts';
import { quietLog } from './service-fixture.ts';

/** Senders and receivers of callbacks, which go with the test, and jobs that end. */
export interface CallbackFixture {
  readonly queue: QueueFixture;
  sender(settings?: Partial<CallbackSettings>): Promise<Callbacks>;
  receiver(answer?: Answer): Promise<CallbackReceiver>;
  /** A job that a worker has at hand. */
  activeJob(url: string, passthrough?: unknown): Promise<Job>;
  failedJob(url: string, passthrough?: unknown): Promise<Job>;
  /** The endpoint's last delivery, once it is so. */
  settled(
    callbacks: Callbacks,
    endpoint: string,
    state: CallbackDelivery['state'],
  ): Promise<CallbackDelivery>;
}

export const networks = ['127.0.0.1/32'];
export const until = { timeout: 20_000, interval: 20 };
/** Of a job that failed. */
export const jobError = jobErrorOf(new DimgxError('IMAGE_NOT_FOUND', 'no such image'));

/** One for all tests of a `describe`. To be used in hooks and tests alone. */
export function callbackFixture(): CallbackFixture {
  const queue = emptiedQueue();
  const opened: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  async function sender(settings: Partial<CallbackSettings> = {}): Promise<Callbacks> {
    const secretsKey = 'a-key-to-seal-the-secrets-of-this-test';
    const quick = { networks, schedule: [0, 10, 10], interval: 20 };
    const started = await Callbacks.start({
      ...{ redis: queue.server, secretsKey, log: quietLog, ...quick },
      ...settings,
    });
    opened.push(started);
    return started;
  }

  async function receiver(answer?: Answer): Promise<CallbackReceiver> {
    const started = await startReceiver(answer);
    opened.push(started);
    return started;
  }

  async function activeJob(url: string, passthrough?: unknown): Promise<Job> {
    const request = jobRequestSchema.parse({ image: 'debian:12', callback: { url }, passthrough });
    const { job } = await queue.records.create(request);
    await queue.records.start(job.id, 'attempt', 'worker');
    return job;
  }

  async function failedJob(url: string, passthrough?: unknown): Promise<Job> {
    const job = await activeJob(url, passthrough);
    await queue.records.end(job.id, 'attempt', { state: 'failed', error: jobError });
    return job;
  }

  return { queue, sender, receiver, activeJob, failedJob, settled };
}

function settled(
  callbacks: Callbacks,
  endpoint: string,
  state: CallbackDelivery['state'],
): Promise<CallbackDelivery> {
  return vi.waitFor(async () => {
    const [last] = (await callbacks.deliveries(endpoint, 1)).items;
    expect(last?.state).toBe(state);
    return last as CallbackDelivery;
  }, until);
}
