import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { WorkerOutage } from '@dimgx/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchive, dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { EngineClient } from '../support/images/engine-client.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { sharedPart } from '../support/parts/shared-parts.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';
import { type FaultProxy, startFaultProxy } from '../support/stores/fault-proxy.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';

const folders = watchForLeaks();
const until = { timeout: 30_000 };
const jobs = 6;
let number = 0;

/** Jobs of an image each, all submitted. */
async function submitted({ client, images }: Service): Promise<string[]> {
  const ids: string[] = [];
  for (let at = 0; at < jobs; at++) {
    const path = join(images, `${at}.tar`);
    const layers = [layer().file('file', `content ${at}`)];
    await writeArchive(dockerArchiveFiles({ layers, tags: [`test/${at}:1`] }, 'docker-25'), path);
    ids.push((await client.submit({ image: `docker-archive:${path}` })).id);
  }
  return ids;
}

async function outagesOf({ client }: Service): Promise<readonly WorkerOutage[]> {
  const answer = await fetch(`${client.url}/v1/workers`);
  const { items } = (await answer.json()) as { items: { outages: WorkerOutage[] }[] };
  return items.flatMap(({ outages }) => outages);
}

/** The service's only worker waits for its store, with all jobs still to be done; `bringBack` ends that. */
async function expectWaitedFor(
  service: Service,
  ids: readonly string[],
  code: string,
  bringBack: () => void,
) {
  const { client } = service;
  await expect.poll(() => outagesOf(service), until).toMatchObject([{ part: 'store', code }]);
  const waiting = await Promise.all(ids.map((id) => client.job(id)));
  expect(waiting.map(({ state }) => state)).toEqual(ids.map(() => 'queued'));
  // It has tried no more than what it had begun before it knew.
  expect(waiting.filter(({ attempts }) => attempts > 0)).toHaveLength(1);
  const metrics = await client.metrics();
  const gauge = metrics.get('dimgx_pool_workers_waiting')?.samples;
  expect(gauge?.get('dimgx_pool_workers_waiting{pool="default"}')).toBe(1);
  bringBack();
  for (const id of ids) expect(await client.finished(id)).toMatchObject({ state: 'completed' });
  await expect.poll(() => outagesOf(service), until).toEqual([]);
  const begun = waiting.find(({ attempts }) => attempts > 0);
  expect(await client.log(begun?.id ?? '')).toContainEqual(
    expect.stringMatching(
      `^queued again: ${code}: .*takes no jobs until the store is back, and this was no try`,
    ),
  );
}

needs('redis')('a folder that is moved away', () => {
  let service: Service;
  beforeEach(async () => {
    service = await startService({ folder: join(folders.own, `folder-${number++}`) });
  });
  afterEach(() => service.close());

  test('keeps the jobs waiting, which are done when it is back', async () => {
    const away = `${service.storeFolder}.away`;
    renameSync(service.storeFolder, away);
    const ids = await submitted(service);
    await expectWaitedFor(service, ids, 'STORE_FAILED', () => renameSync(away, service.storeFolder));
  });

  test('is not taken for the empty one in its place, as that of a disk that is not mounted', async () => {
    const away = `${service.storeFolder}.away`;
    renameSync(service.storeFolder, away);
    mkdirSync(service.storeFolder);
    const ids = await submitted(service);
    await expectWaitedFor(service, ids, 'STORE_FAILED', () => {
      expect(readdirSync(service.storeFolder)).toEqual([]);
      rmdirSync(service.storeFolder);
      renameSync(away, service.storeFolder);
    });
  });

  test('lets its worker be stopped', async () => {
    renameSync(service.storeFolder, `${service.storeFolder}.away`);
    const [id = ''] = await submitted(service);
    await expect.poll(() => outagesOf(service), until).toHaveLength(1);
    await service.worker?.close();
    expect(await service.client.job(id)).toMatchObject({ state: 'queued', attempts: 1 });
  });

  test('is not where one job finds a file in its way', async () => {
    const [id = '', next = ''] = await submitted(service);
    writeFileSync(join(service.storeFolder, 'taken'), '');
    const { image } = (await service.client.job(id)).request;
    const blocked = await service.client.submit({ image, destination: { key: 'taken/x.tar.zst' } });
    expect(await service.client.finished(blocked.id)).toMatchObject({
      ...{ state: 'failed', attempts: 3, error: { code: 'STORE_FAILED' } },
    });
    expect(await service.client.finished(next)).toMatchObject({ state: 'completed', attempts: 1 });
  });
});

needs('redis', 'mount')('a disk that is full', () => {
  let disk: string;
  let service: Service;
  beforeEach(async () => {
    const folder = join(folders.own, `disk-${number++}`);
    disk = join(folder, 'store');
    mkdirSync(disk, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'dimgx-test', disk]);
    service = await startService({ folder });
  });
  afterEach(async () => {
    await service.close();
    execFileSync('umount', ['--lazy', disk]);
  });

  test('keeps the jobs waiting, which are done when it has room', async () => {
    const other = join(disk, 'of-somebody-else');
    expect(() => writeFileSync(other, Buffer.alloc(2_000_000))).toThrow('ENOSPC');
    const ids = await submitted(service);
    await expectWaitedFor(service, ids, 'NO_SPACE', () => unlinkSync(other));
  });

  test('but for one job alone, has that fail and the others done', async () => {
    const path = join(service.images, 'large.tar');
    const layers = [layer().file('file', randomBytes(2_000_000))];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['test/large:1'] }, 'docker-25'), path);
    const { id } = await service.client.submit({ image: `docker-archive:${path}` });
    const ids = await submitted(service);
    expect(await service.client.finished(id)).toMatchObject({
      ...{ state: 'failed', attempts: 3, error: { code: 'NO_SPACE' } },
    });
    for (const each of ids) expect(await service.client.finished(each)).toMatchObject({ state: 'completed' });
  });
});

needs('redis', 'objectGateway')('an S3 server', () => {
  let bucket: S3Fixture;
  let proxy: FaultProxy;
  let service: Service;
  beforeEach(async () => {
    bucket = await s3Fixture();
    proxy = await startFaultProxy(bucket.settings.endpoint);
    const s3 = { ...bucket.settings, endpoint: proxy.endpoint };
    const store = { store: bucket.open().location, s3 };
    service = await startService({ folder: join(folders.own, `s3-${number++}`), api: store, worker: store });
  });
  afterEach(async () => {
    await service.close();
    await proxy.close();
    await bucket.remove();
  });

  test.each<[string, Parameters<typeof apply>[1]]>([
    ['that refuses with 503', { kind: 'answer', status: 503 }],
    ['whose connections break', { kind: 'cut' }],
  ])('%s keeps the jobs waiting, which are done when it is back', async (_, fault) => {
    apply(proxy, fault);
    const ids = await submitted(service);
    await expectWaitedFor(service, ids, 'STORE_UNREACHABLE', () => apply(proxy, { kind: 'pass' }));
  });

  function apply(to: FaultProxy, fault: ReturnType<FaultProxy['decide']>): void {
    to.decide = () => fault;
  }
});

needs('redis', 'docker')('a Docker engine that is away', () => {
  let service: Service;
  let socket: string;
  let reference: string;
  beforeEach(async () => {
    const engine = await sharedPart('docker');
    const folder = join(folders.own, `engine-${number++}`);
    mkdirSync(folder);
    socket = join(folder, 'engine.sock');
    symlinkSync(engine.socketPath, socket);
    const tag = createHash('sha256').update(folder).digest('hex').slice(0, 12);
    reference = `dimgx-test/outages:${tag}`;
    const layers = [layer().file('file', tag)];
    await new EngineClient(engine.socketPath).load(
      dockerArchive({ layers, tags: [reference] }, 'docker-1.10'),
    );
    service = await startService({ folder, worker: { dockerHost: `unix://${socket}` } });
  });
  afterEach(async () => {
    await service.close();
    await new EngineClient((await sharedPart('docker')).socketPath).remove(reference);
  });

  test('keeps its jobs waiting, which are done when it is back', async () => {
    const target = (await sharedPart('docker')).socketPath;
    unlinkSync(socket);
    const { id } = await service.client.submit({ image: `docker-daemon:${reference}` });
    await expect
      .poll(() => outagesOf(service), until)
      .toMatchObject([{ part: 'engine', code: 'DOCKER_UNREACHABLE' }]);
    expect(await service.client.job(id)).toMatchObject({ state: 'queued', attempts: 1 });
    symlinkSync(target, socket);
    expect(await service.client.finished(id)).toMatchObject({ state: 'completed', attempts: 2 });
  });
});
