import { keyPrefix } from '@dimgx/queue';
import { Webhook } from 'standardwebhooks';
import { expect, test, vi } from 'vitest';
import { needs } from '../support/parts/needs.ts';
import { callbackFixture, until } from '../support/service/callback-fixture.ts';

needs('redis')('the endpoints of callbacks', () => {
  const { queue, sender, receiver, failedJob, settled } = callbackFixture();

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
    for (const key of await queue.redis.keys('*')) {
      expect((await queue.redis.dumpBuffer(key)).toString('latin1')).not.toContain(
        secret.slice('whsec_'.length),
      );
    }
  });

  test('what is forgotten gets nothing, and leaves nothing', async () => {
    const [callbacks, { url, received }] = [await sender(), await receiver()];
    const { endpoint } = await callbacks.register(url);
    await callbacks.forget(endpoint.id);
    await failedJob(url);
    await vi.waitFor(
      async () => expect(await queue.redis.exists(`${keyPrefix}:callbacks-ended`)).toBe(0),
      until,
    );
    expect((await queue.redis.keys('*callback*')).filter((key) => !key.includes(':job'))).toEqual([]);
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
});
