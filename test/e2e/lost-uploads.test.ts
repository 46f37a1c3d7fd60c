import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DimgxError } from '@dimgx/core';
import type { JobResult, JobUpload } from '@dimgx/queue';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { needs } from '../support/parts/needs.ts';
import { emptiedQueue, jobResult } from '../support/service/queue-fixture.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';
import { spawnWorker, type WorkerProcess } from '../support/service/spawn-worker.ts';

const progress = { phase: 'upload', bytes: 1, entries: 1 } as const;

needs('redis')('the upload of an attempt', () => {
  const fixture = emptiedQueue();
  const upload = { key: 'a/b.tar', ticket: 't1' };

  /** What is discarded in one round. */
  async function swept(fault?: Error): Promise<JobUpload[]> {
    const seen: JobUpload[] = [];
    await fixture.queue.sweepUploads(async (each) => {
      seen.push(each);
      if (fault !== undefined) throw fault;
    });
    return seen;
  }

  async function begun(): Promise<string> {
    const { id } = await fixture.recorded();
    await fixture.records.start(id, 'a', 'host-1');
    expect(await fixture.records.beginUpload(id, 'a', upload)).toBe('held');
    return id;
  }

  test('is left alone while the attempt holds its job', async () => {
    await begun();
    expect(await swept()).toEqual([]);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['was cancelled', (id) => fixture.records.cancel(id)],
    ['went to another', (id) => fixture.records.start(id, 'b', 'host-2')],
    ['was lost', (id) => fixture.records.end(id, 'a', { state: 'queued', handedOn: 'WORKER_LOST' })],
    ['is not known any more', (id) => fixture.redis.del(`{dimgx}:job:${id}`)],
  ])('is discarded, once, when its job %s', async (_how, lose) => {
    await lose(await begun());
    expect(await swept()).toEqual([upload]);
    expect(await swept()).toEqual([]);
  });

  test('is over with the artifact', async () => {
    const id = await begun();
    const { image } = jobResult('a');
    const artifact = {
      key: upload.key,
      mediaType: 'application/x-tar',
      compression: 'none',
      level: null,
    } as const;
    const digests = { size: 1, sha256: 'sha256:3', uncompressedSize: 1, diffId: 'sha256:3' } as const;
    const entries = {
      files: 1,
      directories: 0,
      symlinks: 0,
      hardlinks: 0,
      devices: 0,
      removed: 0,
      shadowed: 0,
    };
    const made = { cached: false, durationMs: 1, dimgxVersion: '0.0.0' };
    const result: JobResult = { image, layers: [], artifact: { ...artifact, ...digests }, entries, ...made };
    await fixture.records.end(id, 'a', { state: 'completed', result, progress });
    expect(await swept()).toEqual([]);
  });

  test('is not begun by who has lost the job', async () => {
    const id = await begun();
    await fixture.records.cancel(id);
    expect(await fixture.records.beginUpload(id, 'a', { ...upload, ticket: 't2' })).toBe('cancelled');
    expect(await swept()).toEqual([upload]);
  });

  test.each([
    ['stays while the store is away', 'STORE_UNREACHABLE', 1],
    ['is given up where the store will not have it removed', 'STORE_DENIED', 0],
  ] as const)('%s', async (_what, code, left) => {
    await fixture.records.cancel(await begun());
    await swept(new DimgxError(code, 'no'));
    expect(await swept()).toHaveLength(left);
  });
});

needs('redis')('a worker killed in mid-upload to a folder', () => {
  let service: Service;
  let worker: WorkerProcess;
  let id: string;
  beforeEach(async () => {
    const folder = await mkdtemp(join(inject('runFolder'), 'lost-'));
    service = await startService({ folder, worker: false });
    const image = join(service.images, 'big.tar');
    const layers = [layer().file('noise', randomBytes(64 * 1024 * 1024))];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['test/big:1'] }, 'docker-1.10'), image);
    worker = await spawnWorker({ ...service.workerSettings, name: `victim-${randomUUID()}` });
    // Slow enough to be met in the middle of it.
    const compression = { algorithm: 'xz', level: 9 };
    ({ id } = await service.client.submit({ image: `docker-archive:${image}`, compression }));
    await expect.poll(incoming, { timeout: 30_000, interval: 5 }).toHaveLength(1);
    await worker.kill();
  });
  afterEach(() => service.close());

  const incoming = () => readdir(join(service.storeFolder, '.incoming'));

  test('leaves nothing once its job is cancelled', async () => {
    expect(await incoming()).toHaveLength(1);
    expect(await readdir(service.spoolFolder)).toEqual([]);
    await service.client.cancel(id);
    await expect.poll(incoming, { timeout: 20_000 }).toEqual([]);
  });
});
