import { afterAll, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, type Outcome } from '../support/command/dimgx.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type CallbackReceiver, startReceiver } from '../support/service/callback-receiver.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();

needs('redis')('dimgx callbacks', () => {
  let service: Service;
  let receiver: CallbackReceiver;
  /** What the receiver answers. */
  let status = 204;

  beforeAll(async () => {
    receiver = await startReceiver((response) => response.writeHead(status).end());
    const callbacks = { networks: ['127.0.0.1/32'], interval: 20 };
    service = await startService({ folder: folders.own, api: { callbacks }, worker: false });
  });
  afterAll(async () => {
    await service?.close();
    await receiver?.close();
  });

  const callbacks = (...args: string[]): Promise<Outcome> =>
    dimgx(['callbacks', ...args], { cwd: folders.own, env: { DIMGX_URL: service.api.url } });
  const told = async (...args: string[]): Promise<string> => (await callbacks(...args)).stdout.toString();

  test('an endpoint is added, tried, shown, given a new secret, and deleted', async () => {
    const added = await callbacks('add', receiver.url);
    expect(added.stderr).toBe('the secret is shown this once\n');
    const [, id = '', secret] = /^id {6}(\w+)\nsecret {2}(whsec_\S+)\n$/.exec(added.stdout.toString()) ?? [];
    const again = await callbacks('add', `${receiver.url}?run=1`);
    expect(again.stdout.toString()).toBe(`id  ${id}\n`);
    expect(again.stderr).toContain(`dimgx callbacks rotate ${id}`);

    const ping = await told('ping', id);
    expect(ping).toMatch(/^\S+ delivered: 204 after \d+ ms\n$/);
    const delivery = ping.split(' ')[0] ?? '';
    expect(await told('redeliver', id, delivery)).toMatch(/ delivered: 204 after \d+ ms\n$/);
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery, delivery]);
    expect(await told('deliveries', id)).toMatch(
      new RegExp(`^ID .*\n${delivery}  callback.ping  delivered  .*  204  +-\n$`),
    );
    expect(JSON.parse(await told('deliveries', id, '--json', '--limit', '1'))).toMatchObject({
      id: delivery,
    });

    expect(await told('list')).toMatch(
      new RegExp(`^ID +STATE +CREATED +URL\n${id} +enabled .*  ${receiver.url}\n$`),
    );
    expect(JSON.parse(await told('show', id, '--json'))).toMatchObject({ id, url: receiver.url });
    const fresh = (await told('rotate', id)).trim();
    expect(fresh).toMatch(/^whsec_/);
    expect(fresh).not.toBe(secret);
    expect(await told('delete', id)).toBe(`${id} deleted\n`);
    expect(fault(await callbacks('show', id))).toMatch(/^dimgx: CALLBACK_NOT_FOUND: /);
  });

  test('a receiver that wants no more is disabled, which a ping tells, until it is enabled', async () => {
    const { id } = JSON.parse(await told('add', receiver.url, '--json'));
    status = 410;
    const gone = await callbacks('ping', id);
    expect(gone.code).toBe(2);
    expect(fault(gone)).toMatch(/^dimgx: ENDPOINT_UNREACHABLE: delivery \S+ has failed: 410 after \d+ ms$/);
    status = 204;
    expect(fault(await callbacks('ping', id))).toMatch(/failed: the endpoint is disabled/);
    expect(await told('show', id)).toMatch(/ disabled /);
    expect(await told('enable', id)).toMatch(/ enabled /);
    expect(await told('ping', id)).toMatch(/ delivered: 204 /);
  });
});
