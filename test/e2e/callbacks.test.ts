import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { DimgxError } from '@dimgx/core';
import {
  type CallbackDelivery,
  type CallbackSettings,
  Callbacks,
  type Job,
  type JobRecords,
  jobErrorOf,
  jobRequestSchema,
  keyPrefix,
  type Redis,
  serviceLog,
} from '@dimgx/queue';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import type { RedisServer } from '../support/parts/redis.ts';
import { type Answer, type CallbackReceiver, startReceiver } from '../support/service/callback-receiver.ts';
import { emptiedQueue } from '../support/service/queue-fixture.ts';
import { quietLog as log, startService } from '../support/service/service-fixture.ts';

const networks = ['127.0.0.1/32'];
const secretsKey = 'a-key-to-seal-the-secrets-of-this-test';
const until = { timeout: 20_000, interval: 20 };

needs('redis')('callbacks', () => {
  const fixture = emptiedQueue();
  let server: RedisServer;
  let redis: Redis;
  let records: JobRecords;
  const opened: { close(): Promise<unknown> }[] = [];

  beforeAll(() => {
    ({ server, redis, records } = fixture);
  });
  afterEach(async () => {
    for (const each of opened.splice(0).reverse()) await each.close();
  });

  async function sender(settings: Partial<CallbackSettings> = {}): Promise<Callbacks> {
    const quick = { networks, schedule: [0, 10, 10], interval: 20 };
    const started = await Callbacks.start({ redis: server, secretsKey, log, ...quick, ...settings });
    opened.push(started);
    return started;
  }

  async function receiver(answer?: Answer): Promise<CallbackReceiver> {
    const started = await startReceiver(answer);
    opened.push(started);
    return started;
  }

  /** A job that a worker has at hand. */
  async function activeJob(url: string, passthrough?: unknown): Promise<Job> {
    const request = jobRequestSchema.parse({ image: 'debian:12', callback: { url }, passthrough });
    const { job } = await records.create(request);
    await records.start(job.id, 'attempt', 'worker');
    return job;
  }

  const error = jobErrorOf(new DimgxError('IMAGE_NOT_FOUND', 'no such image'));

  async function failedJob(url: string, passthrough?: unknown): Promise<Job> {
    const job = await activeJob(url, passthrough);
    await records.end(job.id, 'attempt', { state: 'failed', error });
    return job;
  }

  const settled = (callbacks: Callbacks, endpoint: string, state: CallbackDelivery['state']) =>
    vi.waitFor(async () => {
      const [last] = (await callbacks.deliveries(endpoint, 1)).items;
      expect(last?.state).toBe(state);
      return last as CallbackDelivery;
    }, until);

  test('the end of a job is told, signed with the secret of its endpoint', async () => {
    const [callbacks, { url, first }] = [await sender(), await receiver()];
    const { endpoint, secret = '' } = await callbacks.register(url);
    const { id } = await failedJob(`${url}?run=7`, { run: 7 });
    const [told] = await first(1);
    expect(told?.path).toBe('/hook?run=7');
    expect(told?.headers).toMatchObject({ 'content-type': 'application/json' });
    const event = new Webhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>);
    expect(event).toMatchObject({
      type: 'job.failed',
      timestamp: expect.stringMatching(/Z$/),
      data: { id, state: 'failed', error, request: { passthrough: { run: 7 } } },
    });
    const { attempts, ...delivery } = await settled(callbacks, endpoint.id, 'delivered');
    expect(delivery).toMatchObject({ id: told?.headers['webhook-id'], type: 'job.failed', job: id });
    expect(attempts).toEqual([{ at: expect.any(String), durationMs: expect.any(Number), status: 204 }]);
    expect(await callbacks.delivery(endpoint.id, delivery.id)).toEqual({ attempts, ...delivery });
  });

  test('each end has its event, and a job that goes back to the queue has none', async () => {
    const [callbacks, { url, first, received }] = [await sender(), await receiver()];
    await callbacks.register(url);
    const done = await activeJob(url);
    await records.end(done.id, 'attempt', { state: 'queued', error });
    await records.start(done.id, 'another', 'worker');
    const result = { image: { reference: 'r', digest: 'sha256:0' }, layers: [] };
    const progress = { phase: 'upload', bytes: 1, entries: 1 } as const;
    await records.end(done.id, 'another', { state: 'completed', result: result as never, progress });
    const cancelled = await activeJob(url);
    await records.cancel(cancelled.id);
    await first(2);
    const events = received.map(({ body }) => JSON.parse(body));
    const told = events.map(({ type, data }) => [type, data.id]).sort();
    expect(told).toEqual([
      ['job.cancelled', cancelled.id],
      ['job.completed', done.id],
    ]);
    expect(events.find(({ type }) => type === 'job.completed').data.result).toEqual(result);
  });

  test('a receiver that fails gets the same event again, signed anew', async () => {
    const fails: Answer = (response, number) => response.writeHead(number < 2 ? 500 : 200).end();
    const [callbacks, { url, first }] = [await sender(), await receiver(fails)];
    const { endpoint, secret = '' } = await callbacks.register(url);
    await failedJob(url);
    const attempts = await first(3);
    expect(new Set(attempts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(attempts.map(({ body }) => body)).size).toBe(1);
    for (const { body, headers } of attempts) {
      new Webhook(secret).verify(body, headers as Record<string, string>);
    }
    const delivery = await settled(callbacks, endpoint.id, 'delivered');
    expect(delivery.attempts.map(({ status }) => status)).toEqual([500, 500, 200]);
  });

  test('after its last attempt a delivery has failed, until it is made again by hand', async () => {
    let isUp = false;
    const [callbacks, { url, received }] = [
      await sender(),
      await receiver((response) => response.writeHead(isUp ? 200 : 503).end()),
    ];
    const { endpoint } = await callbacks.register(url);
    await failedJob(url);
    const failed = await settled(callbacks, endpoint.id, 'failed');
    expect(failed.attempts).toHaveLength(3);
    expect(failed.nextAttemptAt).toBeUndefined();
    isUp = true;
    const again = await callbacks.redeliver(endpoint.id, failed.id);
    expect(again).toMatchObject({ state: 'pending', id: failed.id });
    expect((await settled(callbacks, endpoint.id, 'delivered')).attempts).toHaveLength(4);
    expect(received[3]?.headers['webhook-id']).toBe(failed.id);
  });

  test('410 disables the endpoint: nothing is sent until it is enabled', async () => {
    let status = 410;
    const [callbacks, { url, received }] = [
      await sender(),
      await receiver((response) => response.writeHead(status).end()),
    ];
    const { endpoint } = await callbacks.register(url);
    await failedJob(url);
    await settled(callbacks, endpoint.id, 'failed');
    expect(await callbacks.find(endpoint.id)).toMatchObject({ state: 'disabled' });
    const { id } = await failedJob(url);
    const held = await vi.waitFor(async () => {
      const [last] = (await callbacks.deliveries(endpoint.id, 1)).items;
      expect(last).toMatchObject({ job: id, state: 'failed' });
      return last as CallbackDelivery;
    }, until);
    expect(held.attempts.at(-1)?.fault).toBe('the endpoint is disabled');
    expect(received).toHaveLength(1);

    status = 200;
    const enabled = await callbacks.enable(endpoint.id);
    expect(enabled).toEqual(endpoint);
    await callbacks.redeliver(endpoint.id, held.id);
    expect((await settled(callbacks, endpoint.id, 'delivered')).attempts.at(-1)?.status).toBe(200);
  });

  test('a redirect is a failure, and nobody goes there', async () => {
    const elsewhere = await receiver();
    const redirects: Answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
    const [callbacks, { url }] = [await sender({ schedule: [0] }), await receiver(redirects)];
    const { endpoint } = await callbacks.register(url);
    await failedJob(url);
    expect((await settled(callbacks, endpoint.id, 'failed')).attempts[0]?.status).toBe(307);
    expect(elsewhere.received).toEqual([]);
  });

  test.each<[situation: string, answer: Answer, reason: object]>([
    ['a fault', (response) => response.writeHead(500).end(), { status: 500, msg: /: it answered 500$/ }],
    ['a redirect', (response) => response.writeHead(302).end(), { status: 302, msg: /: it answered 302$/ }],
    ['too many', (response) => response.writeHead(429).end(), { status: 429, msg: /: it answered 429$/ }],
    [
      'no answer',
      (response) => response.destroy(),
      { err: { code: 'ENDPOINT_UNREACHABLE' }, msg: /Z$|again$/ },
    ],
  ])('each attempt that met %s is a line of the log, without the URL', async (_situation, answer, reason) => {
    const lines: Record<string, unknown>[] = [];
    const write = (line: string) => void lines.push(JSON.parse(line));
    const callbacks = await sender({ schedule: [0, 10], log: serviceLog('test', 'warn', { write }) });
    const { url } = await receiver(answer);
    const { endpoint } = await callbacks.register(url);
    const { id: job } = await failedJob(`${url}?token=hidden`);
    const { id: delivery } = await settled(callbacks, endpoint.id, 'failed');
    const { msg, ...fields } = reason as { msg: RegExp };
    const about = { callback: endpoint.id, delivery, event: 'job.failed', job, ...fields };
    const told = `callback ${endpoint.id} has not got job.failed of job ${job}, `;
    expect(lines).toMatchObject([
      { ...about, msg: expect.stringMatching(msg), nextAttemptAt: expect.stringMatching(/Z$/) },
      { ...about, msg: expect.stringMatching(msg) },
    ]);
    expect(lines[0]?.msg).toContain(`${told}next try at ${lines[0]?.nextAttemptAt}`);
    expect(lines[1]?.msg).toContain(`${told}not tried again`);
    expect(JSON.stringify(lines)).not.toMatch(/hidden|\/hook/);
  });

  test('a receiver that never answers keeps no other waiting', async () => {
    const [callbacks, silent, quick] = [await sender(), await receiver(() => {}), await receiver()];
    for (const { url } of [silent, quick]) await callbacks.register(url);
    for (let count = 0; count < 20; count++) await failedJob(silent.url);
    await silent.first(4);
    await failedJob(quick.url);
    await quick.first(1);
    expect(silent.received).toHaveLength(4);
    await silent.close();
    opened.splice(opened.indexOf(silent), 1);
  });

  test('jobs that ended while no sender ran are told by the next', async () => {
    const { url, first } = await receiver();
    const before = await sender();
    await before.register(url);
    await before.close();
    const { id } = await failedJob(url);
    await sender();
    const [told] = await first(1);
    expect(JSON.parse(told?.body ?? '').data.id).toBe(id);
  });

  test('an attempt whose sender went silent is made again under the same id', async () => {
    const held: ServerResponse[] = [];
    const holds: Answer = (response, number) => {
      if (number < 2) held.push(response);
      else response.writeHead(200).end();
    };
    const [callbacks, { url, first }] = [await sender(), await receiver(holds)];
    const { endpoint } = await callbacks.register(url);
    await failedJob(url);
    const [silent] = await first(1);
    const id = String(silent?.headers['webhook-id']);
    // As if the time of its lease were over.
    await redis.zadd(`${keyPrefix}:callback-due:${endpoint.id}`, 0, id);
    await redis.zadd(`${keyPrefix}:callbacks-due`, 0, endpoint.id);
    const [, again] = await first(2);
    expect(again?.headers['webhook-id']).toBe(id);

    // What the silent one is answered now counts no more, or it would be sent a third time.
    held[0]?.writeHead(500).end();
    for (const count of [3, 4, 5]) {
      await callbacks.ping(endpoint.id);
      await first(count);
    }
    held[1]?.writeHead(200).end();
    const delivery = await vi.waitFor(async () => {
      const delivery = await callbacks.delivery(endpoint.id, id);
      expect(delivery.state).toBe('delivered');
      return delivery;
    }, until);
    expect(delivery.attempts.map(({ status }) => status)).toEqual([200]);
    expect((await first(5)).filter(({ headers }) => headers['webhook-id'] === id)).toHaveLength(2);
  });

  test('two senders tell each of fifty ends once', async () => {
    const [callbacks, { url, first, received }] = [await sender(), await receiver()];
    await sender();
    await callbacks.register(url);
    const jobs = await Promise.all(Array.from({ length: 50 }, () => failedJob(url)));
    await first(50);
    const told = received.map(({ body }) => JSON.parse(body).data.id);
    expect(told.sort()).toEqual(jobs.map(({ id }) => id).sort());
  });

  test('a secret that was sealed with another key is a fault of the delivery, until it is rotated', async () => {
    const { url, first, received } = await receiver();
    const before = await sender();
    const { endpoint } = await before.register(url);
    await before.close();
    const callbacks = await sender({ secretsKey: 'another-key-than-that-which-sealed-it' });
    await failedJob(url);
    const { id, attempts } = await settled(callbacks, endpoint.id, 'failed');
    expect(attempts).toHaveLength(3);
    expect(attempts[0]?.fault).toMatch(
      /the secret of endpoint .* was sealed with another DIMGX_SECRETS_KEY: /,
    );
    expect(received).toEqual([]);

    const secret = await callbacks.rotate(endpoint.id);
    await callbacks.redeliver(endpoint.id, id);
    const [told] = await first(1);
    new Webhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>);
  });

  test('while a secret is being changed, both sign', async () => {
    const [callbacks, { url, first }] = [await sender(), await receiver()];
    const { endpoint, secret: old = '' } = await callbacks.register(url);
    const fresh = await callbacks.rotate(endpoint.id);
    await callbacks.ping(endpoint.id);
    const [told] = await first(1);
    expect(told?.headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
    for (const secret of [old, fresh]) {
      const event = new Webhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>);
      expect(event).toMatchObject({ type: 'callback.ping', data: { endpoint: endpoint.id } });
    }
    const newest = await callbacks.rotate(endpoint.id);
    await callbacks.ping(endpoint.id);
    const [, second] = await first(2);
    const headers = second?.headers as Record<string, string>;
    new Webhook(newest).verify(second?.body ?? '', headers);
  });

  test('an address that is not allowed any more is not reached', async () => {
    const { url, received } = await receiver();
    const before = await sender();
    const { endpoint } = await before.register(url);
    await before.close();
    const closed = await sender({ networks: [], schedule: [0] });
    await failedJob(url);
    const { attempts } = await settled(closed, endpoint.id, 'failed');
    expect(attempts[0]?.fault).toMatch(/127\.0\.0\.1 must begin with https/);
    expect(received).toEqual([]);
    await expect(closed.register(url)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });

  test('a secret is told once and stands nowhere else', async () => {
    const [callbacks, { url, first }] = [await sender(), await receiver()];
    const { endpoint, secret = '' } = await callbacks.register(url);
    expect(await callbacks.register(url)).toEqual({ endpoint });
    await failedJob(url);
    await first(1);
    await settled(callbacks, endpoint.id, 'delivered');
    const shown = JSON.stringify([await callbacks.list(), await callbacks.deliveries(endpoint.id, 10)]);
    expect(shown).not.toContain(secret);
    for (const key of await redis.keys('*')) {
      expect((await redis.dumpBuffer(key)).toString('latin1')).not.toContain(secret.slice('whsec_'.length));
    }
  });

  test('what is forgotten gets nothing, and leaves nothing', async () => {
    const [callbacks, { url, received }] = [await sender(), await receiver()];
    const { endpoint } = await callbacks.register(url);
    await callbacks.forget(endpoint.id);
    await failedJob(url);
    await vi.waitFor(async () => expect(await redis.exists(`${keyPrefix}:callbacks-ended`)).toBe(0), until);
    expect((await redis.keys('*callback*')).filter((key) => !key.includes(':job'))).toEqual([]);
    expect(received).toEqual([]);
    for (const deed of ['find', 'forget', 'rotate', 'enable', 'ping', 'deliveries'] as const) {
      const refused = callbacks[deed](endpoint.id, 1);
      await expect(refused).rejects.toMatchObject({ code: 'CALLBACK_NOT_FOUND' });
    }
  });

  test('the log is read in pages, newest first', async () => {
    const [callbacks, { url }] = [await sender(), await receiver()];
    const { endpoint } = await callbacks.register(url);
    const made: string[] = [];
    for (let count = 0; count < 5; count++) made.unshift((await callbacks.ping(endpoint.id)).id);
    const read: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await callbacks.deliveries(endpoint.id, 2, cursor);
      read.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(read.toSorted()).toEqual(made.toSorted());
    expect(read).toEqual(read.toSorted().reverse());
  });

  test('the whole road: a job that is submitted tells its end', async () => {
    const { url, first } = await receiver();
    const callbacks = { networks, interval: 20 };
    const service = await startService({
      folder: join(inject('runFolder'), randomUUID()),
      api: { callbacks },
    });
    opened.push(service);
    const registered = await fetch(`${service.client.url}/v1/callbacks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url }),
    });
    const { secret } = (await registered.json()) as { secret: string };
    const image = `docker-archive:${join(service.images, 'missing.tar')}`;
    const { id } = await service.client.submit({ image, callback: { url: `${url}?a=b` }, passthrough: 'p' });
    const [told] = await first(1);
    const event = new Webhook(secret).verify(told?.body ?? '', told?.headers as Record<string, string>);
    expect(event).toEqual({
      type: 'job.failed',
      timestamp: expect.any(String),
      data: await service.client.job(id),
    });
    expect(event).toMatchObject({
      data: { request: { passthrough: 'p' }, error: { code: 'ARCHIVE_NOT_FOUND' } },
    });
  });
});
