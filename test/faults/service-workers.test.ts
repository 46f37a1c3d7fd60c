import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type RunningWorker, startWorker, type WorkerSettings } from '@dimgx/worker';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';
import { quietLog, type Service, startService } from '../support/service/service-fixture.ts';
import { spawnWorker, type WorkerProcess } from '../support/service/spawn-worker.ts';
import { type FaultProxy, startFaultProxy } from '../support/stores/fault-proxy.ts';
import { type S3Fixture, s3Fixture } from '../support/stores/s3-fixture.ts';

const folders = watchForLeaks();
const MIB = 1024 * 1024;
const lockDuration = 2000;

/** Each test has a service without workers; those that it starts upload through a proxy that can hold them up. */
needs('redis', 'objectGateway')('a job in mid-upload', () => {
  let bucket: S3Fixture;
  let proxy: FaultProxy;
  let service: Service;
  let image: string;
  let release: () => void;
  let slow: Omit<WorkerSettings, 'log'>;
  let quick: Omit<WorkerSettings, 'log'>;
  const started: { kill(): Promise<void> }[] = [];

  beforeEach(async () => {
    bucket = await s3Fixture();
    proxy = await startFaultProxy(bucket.settings.endpoint);
    const held = Promise.withResolvers<void>();
    release = held.resolve;
    proxy.decide = (operation) =>
      operation === 'PUT part' ? { kind: 'hold', until: held.promise } : undefined;
    const store = { store: bucket.open().location, s3: bucket.settings };
    service = await startService({ folder: join(folders.own, randomUUID()), api: store, worker: false });
    quick = { ...service.workerSettings, ...store, lockDuration, name: 'quick' };
    slow = { ...quick, s3: { ...bucket.settings, endpoint: proxy.endpoint }, name: 'slow' };
    const path = join(service.images, 'big.tar');
    const layers = [layer().file('noise', randomBytes(16 * MIB))];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['test/big:1'] }, 'docker-1.10'), path);
    image = `docker-archive:${path}`;
  });

  afterEach(async () => {
    release();
    for (const worker of started.splice(0)) await worker.kill();
    await service.close();
    await proxy.close();
    await bucket.remove();
  });

  /** A worker in this process. */
  async function worker(settings: Omit<WorkerSettings, 'log'>): Promise<RunningWorker> {
    const running = await startWorker({ ...settings, log: quietLog });
    started.push({
      // Told twice, it does not wait.
      async kill() {
        await Promise.all([running.close(), running.close()]);
      },
    });
    return running;
  }

  /** A worker in a process of its own. */
  async function workerProcess(settings: Omit<WorkerSettings, 'log'>): Promise<WorkerProcess> {
    const running = await spawnWorker(settings);
    started.push(running);
    return running;
  }

  /** Submits the job; resolves when the slow worker is held up in its upload. */
  async function submittedAndHeld(): Promise<string> {
    const { id } = await service.client.submit({ image });
    await expect.poll(() => proxy.seen, { timeout: 30_000 }).toContain('PUT part');
    expect(await service.client.job(id)).toMatchObject({ state: 'active', worker: 'slow' });
    expect(await bucket.keys()).toEqual([]);
    return id;
  }

  /** The job is done, by whom, in the end, and the store holds its artifact and nothing else. */
  async function expectDoneOnce(id: string, worker: string, attempts: number): Promise<void> {
    const job = await service.client.finished(id);
    expect(job).toMatchObject({ state: 'completed', worker, attempts, result: { cached: false } });
    const { key, sha256 } = (job.result as { artifact: { key: string; sha256: string } }).artifact;
    const bytes = Buffer.from(await (await service.client.artifact(id)).arrayBuffer());
    expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(sha256);
    await expect.poll(() => bucket.unfinished(), { timeout: 20_000 }).toEqual([]);
    expect(await bucket.keys()).toEqual([key, `${key}.json`]);
    expect(readdirSync(service.spoolFolder)).toEqual([]);
  }

  test('whose worker is killed is finished by another one, once', async () => {
    const killed = await workerProcess(slow);
    const id = await submittedAndHeld();
    await killed.kill();
    expect(readdirSync(service.spoolFolder)).toEqual([]);
    await worker(quick);
    await expectDoneOnce(id, 'quick', 2);
    expect(await service.client.log(id)).toContainEqual(
      expect.stringMatching(/^queued again: WORKER_LOST: worker slow was silent for too long/),
    );
    const metrics = await service.client.metrics();
    const counted = (series: string) => metrics.get(series.replace(/\{.*/, ''))?.samples.get(series);
    expect(counted('dimgx_jobs_ended_total{kind="flatten",state="completed"}')).toBe(1);
    expect(counted('dimgx_artifact_cache_misses_total')).toBe(1);
    expect(counted('dimgx_job_attempts_total')).toBe(2);
    expect(counted('dimgx_job_retries_total{code="WORKER_LOST"}')).toBe(1);
  });

  test('whose worker is killed leaves nothing once it is cancelled', async () => {
    const killed = await workerProcess(slow);
    const id = await submittedAndHeld();
    await killed.kill();
    expect(await bucket.unfinished()).toHaveLength(1);
    await service.client.cancel(id);
    await expect.poll(() => bucket.unfinished(), { timeout: 20_000 }).toEqual([]);
    expect(readdirSync(service.spoolFolder)).toEqual([]);
  });

  test('whose worker hangs is finished by another one; the first one comes back and changes nothing', async () => {
    const hanging = await workerProcess(slow);
    const id = await submittedAndHeld();
    process.kill(hanging.pid, 'SIGSTOP');
    const other = await worker(quick);
    const done = await service.client.finished(id);
    process.kill(hanging.pid, 'SIGCONT');
    release();
    await expectDoneOnce(id, 'quick', 2);
    expect(await service.client.job(id)).toEqual(done);
    await other.close();
    // It is as good as before.
    const { report } = await service.client.flattened({ image, compression: { algorithm: 'none' } });
    expect(report.cached).toBe(false);
    expect(await hanging.stop()).toBe(0);
  });

  test('whose worker has to stop goes to another one at no cost', async () => {
    const stopped = await worker({ ...slow, shutdownGrace: 100 });
    const id = await submittedAndHeld();
    await stopped.close();
    const waiting = await service.client.job(id);
    expect(waiting).toMatchObject({ state: 'queued', attempts: 1 });
    expect(waiting.error).toBeUndefined();
    expect(await bucket.unfinished()).toEqual([]);
    await worker(quick);
    await expectDoneOnce(id, 'quick', 2);
  });

  test('is waited for when the worker has time to stop', async () => {
    const stopped = await worker(slow);
    const id = await submittedAndHeld();
    const closing = stopped.close();
    const shown = async () => (await fetch(`${service.client.url}/v1/workers`)).json();
    await expect.poll(shown).toMatchObject({ items: [{ name: 'slow', draining: true, jobs: [id] }] });
    const { id: next } = await service.client.submit({ image, compression: { algorithm: 'none' } });
    release();
    await closing;
    await expectDoneOnce(id, 'slow', 1);
    expect(await service.client.job(next)).toMatchObject({ state: 'queued', attempts: 0 });
  });

  test('is not waited for when the worker is told twice to stop', async () => {
    const stopped = await worker(slow);
    const id = await submittedAndHeld();
    const closing = stopped.close();
    await stopped.close();
    await closing;
    expect(await service.client.job(id)).toMatchObject({ state: 'queued', attempts: 1 });
    expect(await bucket.unfinished()).toEqual([]);
  });

  test('that is cancelled is cut off within two seconds and leaves nothing', async () => {
    const cut = await workerProcess({ ...slow, concurrency: 1 });
    const id = await submittedAndHeld();
    const begun = performance.now();
    const answer = await service.client.cancel(id);
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({ id, state: 'cancelled', worker: 'slow' });
    await expect.poll(() => bucket.unfinished(), { interval: 20, timeout: 10_000 }).toEqual([]);
    expect(readdirSync(service.spoolFolder)).toEqual([]);
    expect(performance.now() - begun).toBeLessThan(2000);
    // The worker is free for the next one, which takes the same place in the store.
    release();
    const { job, report } = await service.client.flattened({ image });
    expect(job).toMatchObject({ worker: 'slow', attempts: 1 });
    expect(await bucket.keys()).toEqual([report.artifact.key, `${report.artifact.key}.json`]);
    expect(await service.client.job(id)).toMatchObject({ state: 'cancelled', attempts: 1 });
    expect((await service.client.cancel(id)).status).toBe(200);
    expect((await service.client.cancel(job.id)).status).toBe(409);
    expect(await cut.stop()).toBe(0);
  });

  test('outlives a Redis that dies and comes back', async () => {
    await worker({ ...slow, lockDuration: 30_000 });
    const id = await submittedAndHeld();
    await service.redis.kill();
    const begun = performance.now();
    const refused = await service.client.post({ image });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ code: 'REDIS_UNREACHABLE' });
    const readiness = await fetch(`${service.client.url}/readyz`);
    expect(await readiness.json()).toMatchObject({
      parts: { redis: { ready: false }, store: { ready: true } },
    });
    release();
    await service.redis.restart();
    await expect
      .poll(async () => (await fetch(`${service.client.url}/readyz`)).status, { timeout: 10_000 })
      .toBe(200);
    await expectDoneOnce(id, 'slow', 1);
    expect((await service.client.flattened({ image })).report.cached).toBe(true);
  });

  test('that kills each worker is given up', async () => {
    const { id } = await service.client.submit({ image });
    for (let killed = 0; killed < 3; killed++) {
      const victim = await workerProcess({ ...slow, name: `victim-${killed}` });
      await service.client.until(id, ({ worker }) => worker === `victim-${killed}`);
      await victim.kill();
    }
    await worker(quick);
    expect(await service.client.finished(id)).toMatchObject({
      state: 'failed',
      attempts: 3,
      error: { code: 'WORKER_LOST', retryable: true },
    });
    const log = (await service.client.log(id)).filter((message) => message.includes('WORKER_LOST'));
    for (const [at, message] of log.entries()) expect(message).toContain(`worker victim-${at} `);
    expect(log).toHaveLength(3);
    expect(log.at(-1)).toMatch(/^failed: WORKER_LOST: .* attempt 3, /);
  });
});
