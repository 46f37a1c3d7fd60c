import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { startWorker } from '@dimgx/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { type Layer, layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { quietLog, type Service, startService } from '../support/service/service-fixture.ts';
import { treeOfTar } from '../support/tree/tar-tree.ts';

const folders = watchForLeaks();

const lower = layer()
  .directory('etc')
  .file('etc/motd', 'old')
  .file('etc/passwd', 'root')
  .file('bin/sh', 'sh');
const upper = layer().whiteout('etc/passwd').file('etc/motd', 'new').hardlink('bin/bash', 'bin/sh');

needs('redis')('the service, over a directory store', () => {
  let service: Service;

  beforeAll(async () => {
    service = await startService({ folder: folders.own });
  });
  afterAll(() => service?.close());

  /** Puts an image where the service may read it; gives its reference. */
  async function archive(name: string, layers: readonly Layer[] = [lower, upper]): Promise<string> {
    const path = join(service.images, `${name}.tar`);
    await writeArchive(dockerArchiveFiles({ layers, tags: [`test/${name}:1`] }, 'docker-25'), path);
    return `docker-archive:${path}`;
  }

  test('an image comes in by its reference and goes out as an artifact with the right tree', async () => {
    const image = await archive('road');
    const accepted = await service.client.post({ image, labels: { run: '1' } });
    const { id } = (await accepted.json()) as { id: string };
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('location')).toBe(`/v1/jobs/${id}`);

    const job = await service.client.finished(id);
    expect(job).toMatchObject({
      state: 'completed',
      kind: 'flatten',
      attempts: 1,
      worker: service.worker?.name,
      request: { image, labels: { run: '1' }, pool: 'default', priority: 'normal' },
      progress: { phase: 'upload' },
      result: {
        image: { reference: image, platform: 'linux/amd64', repoTags: ['test/road:1'] },
        layers: [{ index: 1 }, { index: 0 }],
        artifact: { compression: 'zstd', level: 3 },
        entries: { files: 2, hardlinks: 1, removed: 1 },
        cached: false,
      },
    });
    const times = [job.createdAt, job.startedAt, job.finishedAt, job.expiresAt];
    expect(times).toEqual(times.toSorted());

    const download = await service.client.artifact(id);
    expect(download.status).toBe(200);
    const bytes = Buffer.from(await download.arrayBuffer());
    const { artifact } = job.result as { artifact: { sha256: string; size: number } };
    expect(bytes.length).toBe(artifact.size);
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(artifact.sha256);
    const tree = await treeOfTar(bytes);
    expect(tree.problems).toEqual([]);
    expect(tree.paths()).toEqual(['', 'bin', 'bin/bash', 'bin/sh', 'etc', 'etc/motd']);
    expect(tree.get('bin/bash')).toBe(tree.get('bin/sh'));
  });

  test('the rest of a download can be had later', async () => {
    const { job } = await service.client.flattened({ image: await archive('range') });
    const whole = Buffer.from(await (await service.client.artifact(job.id)).arrayBuffer());
    const rest = await service.client.artifact(job.id, { headers: { range: 'bytes=100-' } });
    expect(rest.status).toBe(206);
    expect(Buffer.from(await rest.arrayBuffer())).toEqual(whole.subarray(100));
    const head = await service.client.artifact(job.id, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(whole.length));
  });

  test('work that is done is found, not done again, unless it is forced', async () => {
    const image = await archive('twice');
    const first = await service.client.flattened({ image });
    const second = await service.client.flattened({ image });
    expect(second.report).toEqual({ ...first.report, cached: true });
    const forced = await service.client.flattened({ image, force: true });
    expect(forced.report.cached).toBe(false);
    expect(forced.report.artifact).toEqual(first.report.artifact);
    const other = await service.client.flattened({ image, compression: { algorithm: 'gzip' } });
    expect(other.report.cached).toBe(false);
    expect(other.report.artifact.diffId).toBe(first.report.artifact.diffId);
  });

  test('chosen layers, filtered, to a place of the choice of who asks', async () => {
    const image = await archive('choices');
    const { job, report } = await service.client.flattened({
      image,
      layers: ['@1'],
      exclude: ['bin/**'],
      compression: { algorithm: 'none' },
      destination: { key: 'exports/choices.tar' },
    });
    expect(report.artifact).toMatchObject({ key: 'exports/choices.tar', compression: 'none', level: null });
    expect(report.layers.map(({ index }) => index)).toEqual([0]);
    const download = await service.client.artifact(job.id);
    expect(download.headers.get('content-disposition')).toContain('choices.tar');
    const tree = await treeOfTar(Buffer.from(await download.arrayBuffer()));
    expect(tree.paths()).toEqual(['', 'etc', 'etc/motd', 'etc/passwd']);
    expect(await readdir(join(service.storeFolder, 'exports'))).toEqual(['choices.tar', 'choices.tar.json']);
  });

  test('an image is inspected', async () => {
    const { id } = await service.client.submit({ image: await archive('looked-at'), kind: 'inspect' });
    const job = await service.client.finished(id);
    expect(job).toMatchObject({
      state: 'completed',
      result: {
        image: { repoTags: ['test/looked-at:1'] },
        layers: [{ index: 1 }, { index: 0, parent: null }],
      },
    });
    expect((await service.client.artifact(id)).status).toBe(404);
  });

  const broken = layer().file('a', 'a').raw(Buffer.alloc(512, 'not a tar header'));
  const faults: [situation: string, request: () => Promise<object>, code: string][] = [
    [
      'an archive that is not there',
      async () => ({ image: `docker-archive:${service.images}/none.tar` }),
      'ARCHIVE_NOT_FOUND',
    ],
    [
      'a tag that the archive has not',
      async () => ({ image: `${await archive('tags')}:other:2` }),
      'IMAGE_NOT_FOUND',
    ],
    [
      'a platform that the image is not of',
      async () => ({ image: await archive('amd'), platform: 'linux/s390x' }),
      'PLATFORM_NOT_FOUND',
    ],
    [
      'a layer that the image has not',
      async () => ({ image: await archive('few'), layers: ['@5'] }),
      'LAYER_NOT_FOUND',
    ],
    ['a layer that is no tar', async () => ({ image: await archive('broken', [broken]) }), 'LAYER_INVALID'],
  ];

  test.each(faults)('fails at once and for good: %s', async (_situation, request, code) => {
    const before = await filesIn(service.storeFolder);
    const job = await service.client.finished((await service.client.submit(await request())).id);
    expect(job).toMatchObject({ state: 'failed', attempts: 1, error: { code, retryable: false } });
    expect(job.error?.message).not.toContain('\n');
    expect(job.result).toBeUndefined();
    expect(await filesIn(service.storeFolder)).toEqual(before);
    expect(await readdir(service.spoolFolder)).toEqual([]);
  });

  test('a job for a pool waits for a worker of that pool', async () => {
    const image = await archive('pool');
    const { id } = await service.client.submit({ image, pool: 'gpu' });
    // Behind it in time, but for the pool that has a worker.
    await service.client.flattened({ image });
    expect((await service.client.job(id)).state).toBe('queued');
    const worker = await startWorker({
      ...service.workerSettings,
      pools: ['gpu'],
      name: 'gpu-1',
      log: quietLog,
    });
    expect(await service.client.finished(id)).toMatchObject({ state: 'completed', worker: 'gpu-1' });
    await worker.close();
  });

  test('a job of high priority is begun before one of low priority that came earlier', async () => {
    const image = await archive('urgent');
    const submit = (priority: string) =>
      service.client.submit({ image, pool: 'slow', priority, force: true });
    const ids: string[] = [];
    for (const priority of ['low', 'normal', 'high']) ids.push((await submit(priority)).id);
    const worker = await startWorker({ ...service.workerSettings, pools: ['slow'], log: quietLog });
    const jobs = await Promise.all(ids.map((id) => service.client.finished(id)));
    await worker.close();
    const begun = jobs.toSorted((one, other) => ((one.startedAt ?? '') < (other.startedAt ?? '') ? -1 : 1));
    expect(begun.map(({ request }) => request.priority)).toEqual(['high', 'normal', 'low']);
  });

  test('the same key makes one job of many requests, and another body is refused', async () => {
    const image = await archive('idempotent');
    const key = { 'idempotency-key': 'once' };
    const responses = await Promise.all([1, 2, 3].map(() => service.client.post({ image }, key)));
    const ids = await Promise.all(
      responses.map(async (response) => ((await response.json()) as { id: string }).id),
    );
    expect(new Set(ids).size).toBe(1);
    expect((await service.client.post({ image, force: true }, key)).status).toBe(422);
  });

  test('an artifact that was removed from the store is expired, and made anew when asked for', async () => {
    const image = await archive('expired');
    const { job, report } = await service.client.flattened({ image });
    await rm(join(service.storeFolder, report.artifact.key));
    const gone = await service.client.artifact(job.id);
    expect(gone.status).toBe(410);
    expect(await gone.json()).toMatchObject({ code: 'ARTIFACT_EXPIRED' });
    expect((await service.client.flattened({ image })).report.cached).toBe(false);
    expect((await service.client.artifact(job.id)).status).toBe(200);
  });

  test('an artifact that is damaged in the store is found as it is, until it is made anew by force', async () => {
    const image = await archive('damaged');
    const { job, report } = await service.client.flattened({ image });
    const file = join(service.storeFolder, report.artifact.key);
    const bytes = await readFile(file);
    await writeFile(file, Buffer.from(bytes).fill(0, 10, 20));
    const fetched = async () => Buffer.from(await (await service.client.artifact(job.id)).arrayBuffer());
    expect((await service.client.flattened({ image })).report.cached).toBe(true);
    expect(await fetched()).not.toEqual(bytes);
    await service.client.flattened({ image, force: true });
    expect(await fetched()).toEqual(bytes);
  });
});

needs('redis')('a job whose engine does not answer', () => {
  let service: Service;
  let silent: Server;

  beforeAll(async () => {
    silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const worker = { dockerHost: `tcp://127.0.0.1:${port}`, concurrency: 2 };
    service = await startService({ folder: join(folders.own, 'silent'), worker });
  });
  afterAll(async () => {
    await service?.close();
    silent.close();
  });

  test('is cut off when its time is up', async () => {
    const { id } = await service.client.submit({ image: 'docker-daemon:a:1', timeoutSeconds: 1 });
    expect(await service.client.finished(id)).toMatchObject({
      state: 'failed',
      error: { code: 'TIMED_OUT', retryable: false },
    });
  });

  test('shows where it is', async () => {
    const { id } = await service.client.submit({ image: 'docker-daemon:a:1', timeoutSeconds: 2 });
    const active = await service.client.until(id, ({ state }) => state === 'active');
    expect(active).toMatchObject({
      attempts: 1,
      progress: { phase: 'resolve' },
      worker: service.worker?.name,
    });
    expect((await service.client.artifact(id)).status).toBe(409);
    await service.client.finished(id);
  });
});

needs('redis')('a job whose engine is not there', () => {
  let service: Service;
  beforeAll(async () => {
    const worker = { dockerHost: `unix://${folders.own}/no.sock` };
    service = await startService({ folder: join(folders.own, 'absent'), worker });
  });
  afterAll(() => service?.close());

  test('is tried three times, tells why between them, and then fails', async () => {
    const { id } = await service.client.submit({ image: 'docker-daemon:a:1' });
    const between = await service.client.until(
      id,
      ({ state, attempts }) => state === 'queued' && attempts > 0,
    );
    expect(between.error).toMatchObject({ code: 'DOCKER_UNREACHABLE', retryable: true });
    expect(await service.client.finished(id)).toMatchObject({
      state: 'failed',
      attempts: 3,
      error: { code: 'DOCKER_UNREACHABLE', retryable: true },
    });
  });
});

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
