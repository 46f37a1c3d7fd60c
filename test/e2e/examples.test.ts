import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Callbacks, triggerRequestSchema } from '@dimgx/queue';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { commandLine } from '../support/command/dimgx.ts';
import { startDocumentedEngine } from '../support/docs/documented-engine.ts';
import { runShellBlocks, type ShellRun, shellBlocks } from '../support/docs/shell-blocks.ts';
import type { DockerEngine } from '../support/parts/docker-engine.ts';
import { freePort } from '../support/parts/free-port.ts';
import { needs } from '../support/parts/needs.ts';
import { startRedis } from '../support/parts/redis.ts';
import { quietLog as log, type Service, startService } from '../support/service/service-fixture.ts';

const examples = join(import.meta.dirname, '../../examples');

needs('redis')('the receiver of callbacks', () => {
  test('takes what the service signed, and nothing else', async () => {
    await using opened = new AsyncDisposableStack();
    const redis = await startRedis(join(inject('runFolder'), randomUUID()));
    opened.defer(() => redis.stop());
    const callbacks = await Callbacks.start({
      redis: redis,
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

needs(
  'redis',
  'docker',
  'jq',
)('the examples that are run from a checkout', () => {
  let docker: DockerEngine;
  let service: Service;
  /** As the root of a checkout is, as far as the examples see. */
  let checkout: string;

  beforeAll(async () => {
    const folder = join(inject('runFolder'), randomUUID());
    docker = await startDocumentedEngine(join(folder, 'docker'));
    service = await startService({ folder: join(folder, 'service'), worker: { dockerHost: docker.host } });
    checkout = join(folder, 'checkout');
    mkdirSync(checkout);
    symlinkSync(examples, join(checkout, 'examples'));
    const words = commandLine([]).map((word) => `'${word}'`);
    writeFileSync(join(checkout, 'dimgx'), `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
  });
  afterAll(async () => {
    await service?.close();
    await docker?.stop();
  });

  const run = (...blocks: string[]): Promise<ShellRun> =>
    runShellBlocks(blocks, checkout, { ...process.env, DIMGX_URL: service.api.url });
  const readme = (example: string): string[] =>
    shellBlocks(readFileSync(join(examples, example, 'README.md'), 'utf8'));

  test('batch: the images of a list are in the folder', async () => {
    const { code, stderr, stdout } = await run(...readme('batch'));
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^batch \S+ submitted: 2 jobs\n$/),
    });
    expect(stdout.trimEnd().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^docker-daemon:alpine:3 rootfs\/alpine\/.*\.tar\.gz$/),
      expect.stringMatching(/^docker-daemon:debian:12 rootfs\/debian\/.*\.tar\.zst$/),
    ]);
    expect((await run('cut -d" " -f2 <<EOF | xargs ls', `${stdout}EOF`)).code).toBe(0);
  });

  test('batch: one that fails does not keep the others back, and is told', async () => {
    writeFileSync(
      join(checkout, 'list'),
      'docker-daemon:app:latest\n{"image": "app:missing", "pull": "never"}\n',
    );
    const { code, stdout, stderr } = await run('PATH=$PWD:$PATH; examples/batch/flatten-all.sh list some');
    expect(code).toBe(2);
    expect(stdout).toMatch(/^docker-daemon:app:latest some\/app\/\S+\n$/);
    expect(stderr).toMatch(/\ndimgx: IMAGE_NOT_FOUND: job \S+ \(app:missing\) failed: /);
  });

  test('nightly-export: a run of the schedule is fetched, and not again while nothing has changed', async () => {
    const { code, stdout, stderr, requests } = await run(...readme('nightly-export'));
    expect({ code, stderr: stderr.replaceAll(/^batch \S+ has not ended yet\n/gm, '') }).toEqual({
      code: 0,
      stderr: '',
    });
    expect(requests).toMatchObject([{ method: 'PUT', status: 201 }]);
    expect(stdout).toContain('\nrootfs/app.tar.zst\n');
    expect(stdout).toContain('\nrootfs/debian.tar.zst\n');
    const again = await run('PATH=$PWD:$PATH; examples/nightly-export/fetch.sh nightly rootfs');
    expect(again).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});
