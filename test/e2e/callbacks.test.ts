import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { keyPrefix } from '@dimgx/queue';
import { Webhook } from 'standardwebhooks';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { callbackFixture, jobError, networks, until } from '../support/service/callback-fixture.ts';
import type { Answer } from '../support/service/callback-receiver.ts';
import { startService } from '../support/service/service-fixture.ts';

needs('redis')('callbacks', () => {
  const { queue, sender, receiver, activeJob, failedJob, settled } = callbackFixture();

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
      data: { id, state: 'failed', error: jobError, request: { passthrough: { run: 7 } } },
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
    await queue.records.end(done.id, 'attempt', { state: 'queued', error: jobError });
    await queue.records.start(done.id, 'another', 'worker');
    const result = { image: { reference: 'r', digest: 'sha256:0' }, layers: [] };
    const progress = { phase: 'upload', bytes: 1, entries: 1 } as const;
    await queue.records.end(done.id, 'another', {
      state: 'completed',
      result: result as never,
      progress,
    });
    const cancelled = await activeJob(url);
    await queue.records.cancel(cancelled.id);
    await first(2);
    const events = received.map(({ body }) => JSON.parse(body));
    const told = events.map(({ type, data }) => [type, data.id]).sort();
    expect(told).toEqual([
      ['job.cancelled', cancelled.id],
      ['job.completed', done.id],
    ]);
    expect(events.find(({ type }) => type === 'job.completed').data.result).toEqual(result);
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

  test('two senders tell each of fifty ends once', async () => {
    const [callbacks, { url, first, received }] = [await sender(), await receiver()];
    await sender();
    await callbacks.register(url);
    const jobs = await Promise.all(Array.from({ length: 50 }, () => failedJob(url)));
    await first(50);
    const told = received.map(({ body }) => JSON.parse(body).data.id);
    expect(told.sort()).toEqual(jobs.map(({ id }) => id).sort());
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
    await queue.redis.zadd(`${keyPrefix}:callback-due:${endpoint.id}`, 0, id);
    await queue.redis.zadd(`${keyPrefix}:callbacks-due`, 0, endpoint.id);
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

  test('a receiver that never answers keeps no other waiting', async () => {
    const [callbacks, silent, quick] = [await sender(), await receiver(() => {}), await receiver()];
    for (const { url } of [silent, quick]) await callbacks.register(url);
    for (let count = 0; count < 20; count++) await failedJob(silent.url);
    await silent.first(4);
    await failedJob(quick.url);
    await quick.first(1);
    expect(silent.received).toHaveLength(4);
  });

  test('the whole road: a job that is submitted tells its end', async () => {
    const { url, first } = await receiver();
    const callbacks = { networks, interval: 20 };
    const service = await startService({
      folder: join(inject('runFolder'), randomUUID()),
      api: { callbacks },
    });
    onTestFinished(() => service.close());
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
