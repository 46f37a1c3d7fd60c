import { join } from 'node:path';
import { startApi } from '@dimgx/api';
import { serviceLog } from '@dimgx/queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dimgx, fault, type Outcome } from '../support/command/dimgx.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { type CallbackReceiver, startReceiver } from '../support/service/callback-receiver.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';

const folders = watchForLeaks();
const sending = { callbacks: { networks: ['127.0.0.1/32'], interval: 20 } };

needs('redis')('dimgx callbacks', () => {
  let service: Service;
  let receiver: CallbackReceiver;
  /** What the receiver answers. */
  let status = 204;

  beforeAll(async () => {
    receiver = await startReceiver((response) => response.writeHead(status).end());
    service = await startService({ folder: folders.own, api: sending, worker: false });
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
      new RegExp(`^ID .*\n${delivery}  callback.ping  delivered  .*  204  +-  +-\n$`),
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

  test('a key that did not seal the secrets is told at the start, and by a ping', async () => {
    const sealed = { ...sending, secretsKey: 'the-key-that-seals-the-secrets-of-this-test' };
    const folder = join(folders.own, 'sealed');
    const first = await startService({ folder, api: sealed, worker: false });
    const { id } = (await (await send(first, 'POST', '/callbacks', { url: receiver.url })).json()) as {
      id: string;
    };
    await send(first, 'PUT', '/triggers/pushes', { provider: 'harbor', job: { image: 'debian' } });
    await first.api.close();

    const lines: string[] = [];
    const log = serviceLog('test', 'warn', { write: (line) => void lines.push(line) });
    const other = { ...sealed, secretsKey: 'another-key-than-that-which-sealed-it', log };
    const second = await startApi({ ...first.workerSettings, ...other, host: '127.0.0.1', port: 0 });
    const warned = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(warned).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /triggers were sealed with another DIMGX_SECRETS_KEY: pushes; set that key again/,
        ),
        expect.stringContaining(`callback endpoints were sealed with another DIMGX_SECRETS_KEY: ${id}; set`),
      ]),
    );
    const ping = await dimgx(['callbacks', 'ping', id], { cwd: folder, env: { DIMGX_URL: second.url } });
    expect(ping.code).toBe(2);
    expect(fault(ping)).toMatch(/ENDPOINT_UNREACHABLE: .* sealed with another DIMGX_SECRETS_KEY: /);
    await second.close();
    await first.close();
  });
});

function send({ api }: Service, method: string, path: string, body: object): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${api.url}/v1${path}`, { method, headers, body: JSON.stringify(body) });
}
