import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Callbacks, triggerRequestSchema } from '@dimgx/queue';
import { expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { startRedis } from '../support/parts/redis.ts';
import { quietLog as log } from '../support/service/service-fixture.ts';

const examples = join(import.meta.dirname, '../../examples');

needs('redis')('the receiver of callbacks', () => {
  test('takes what the service signed, and nothing else', async () => {
    await using opened = new AsyncDisposableStack();
    const redis = await startRedis(join(inject('runFolder'), randomUUID()));
    opened.defer(() => redis.stop());
    const callbacks = await Callbacks.start({
      redisUrl: redis.url,
      networks: ['127.0.0.1/32'],
      interval: 20,
      log,
    });
    opened.defer(() => callbacks.close());
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const { endpoint, secret = '' } = await callbacks.register(url);

    const child = spawn(process.execPath, [join(examples, 'callback-receiver/receiver.js')], {
      env: { ...process.env, PORT: String(port), DIMGX_CALLBACK_SECRET: secret },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    opened.defer(async () => {
      child.kill();
      await once(child, 'exit');
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe(`listening on ${url.slice(0, -1)}`);
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
    await callbacks.ping(endpoint.id);
    expect((await lines.next()).value).toMatch(/^callback\.ping/);
  });
});

test('the registry of the example sends to the trigger of the example, with its secret', () => {
  const read = (name: string) => readFileSync(join(examples, 'registry-webhook', name), 'utf8');
  const trigger = triggerRequestSchema.parse(JSON.parse(read('trigger.json')));
  const { endpoints } = parse(read('registry.yml')).notifications;
  expect(endpoints).toMatchObject([
    {
      url: 'http://127.0.0.1:8080/v1/hooks/registry',
      headers: { Authorization: [`Bearer ${'secret' in trigger ? trigger.secret : ''}`] },
    },
  ]);
});
