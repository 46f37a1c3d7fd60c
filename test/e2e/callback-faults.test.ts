import { type CallbackDelivery, serviceLog } from '@dimgx/queue';
import { Webhook } from 'standardwebhooks';
import { expect, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { callbackFixture, until } from '../support/service/callback-fixture.ts';
import type { Answer } from '../support/service/callback-receiver.ts';

needs('redis')('callbacks that a receiver does not take', () => {
  const { sender, receiver, failedJob, settled } = callbackFixture();

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
});
