import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DimgxError, type FlattenReport } from '@dimgx/core';
import {
  Callbacks,
  defaultLifetimes,
  Fleet,
  JobRecords,
  jobErrorOf,
  mendJob,
  ServiceMetrics,
  sweepJobs,
} from '@dimgx/queue';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { needs } from '../support/parts/needs.ts';
import { startReceiver } from '../support/service/callback-receiver.ts';
import { metricValues } from '../support/service/metric-values.ts';
import { readMetrics } from '../support/service/prometheus-text.ts';
import { emptiedQueue, jobRequest, jobResult } from '../support/service/queue-fixture.ts';
import { quietLog as log, type Service, startService } from '../support/service/service-fixture.ts';

const progress = { phase: 'upload', bytes: 1, entries: 1 } as const;
const noSpace = jobErrorOf(new DimgxError('NO_SPACE', 'the disk is full'));
const flattened = (cached: boolean): FlattenReport =>
  ({
    cached,
    layers: [{ size: 3 }, { size: 4 }],
    artifact: { key: 'x', size: 5, uncompressedSize: 9 },
  }) as never;

needs('redis')('what the service counts', () => {
  const fixture = emptiedQueue();
  let metrics: ServiceMetrics;
  let records: JobRecords;
  beforeAll(() => {
    metrics = new ServiceMetrics(fixture.redis, new Fleet(fixture.redis));
    ({ records } = fixture);
  });

  /** Without times, which differ. */
  const counted = async () => {
    const values = Object.entries(await metricValues(metrics));
    return Object.fromEntries(values.filter(([name]) => !/_sum|_seconds\{|queue_|pool_|^jobs\{/.test(name)));
  };

  test('are a job, its attempts, why it was tried again, and what it made', async () => {
    const { id } = await fixture.recorded();
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'queued', error: noSpace }, { resolve: 10, fetch: 2000 });
    await records.start(id, 'b', 'host-2');
    const end = { state: 'completed', result: flattened(false), progress } as const;
    await records.end(id, 'b', end, { resolve: 20, upload: 40_000 });
    expect(await counted()).toEqual({
      'jobs_submitted_total{flatten,request}': 1,
      'jobs_ended_total{flatten,completed}': 1,
      job_attempts_total: 2,
      'job_retries_total{NO_SPACE}': 1,
      artifact_cache_misses_total: 1,
      layers_read_bytes_total: 7,
      tars_written_bytes_total: 9,
      artifacts_stored_bytes_total: 5,
      job_wait_seconds_count: 1,
      'job_duration_seconds_count{flatten,completed}': 1,
      'job_phase_seconds_count{resolve}': 2,
      'job_phase_seconds_count{fetch}': 1,
      'job_phase_seconds_count{upload}': 1,
    });
    expect(await metricValues(metrics)).toMatchObject({
      'job_phase_seconds_sum{resolve}': 0.03,
      'job_phase_seconds_sum{fetch}': 2,
      'job_phase_seconds_sum{upload}': 40,
    });
  });

  test('is an artifact that was found as such, without bytes', async () => {
    const { id } = await fixture.recorded();
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'completed', result: flattened(true), progress });
    const values = await counted();
    expect(values.artifact_cache_hits_total).toBe(1);
    expect(Object.keys(values).filter((name) => /bytes|misses/.test(name))).toEqual([]);
  });

  test('is a failure by its code', async () => {
    const { id } = await fixture.recorded();
    await records.start(id, 'a', 'host-1');
    await records.end(id, 'a', { state: 'failed', error: noSpace });
    expect(await counted()).toMatchObject({
      'jobs_ended_total{flatten,failed}': 1,
      'jobs_failed_total{NO_SPACE}': 1,
    });
  });

  test('is the end of a job once, whoever comes too late', async () => {
    const { id } = await fixture.recorded();
    await records.start(id, 'a', 'host-1');
    await fixture.queue.cancel(id);
    await fixture.queue.cancel(id);
    expect(await records.end(id, 'a', { state: 'failed', error: noSpace }, { resolve: 5 })).toBe(false);
    expect(await counted()).toEqual({
      'jobs_submitted_total{flatten,request}': 1,
      'jobs_ended_total{flatten,cancelled}': 1,
      job_attempts_total: 1,
      job_wait_seconds_count: 1,
      'job_duration_seconds_count{flatten,cancelled}': 1,
    });
  });

  test('is a job that no worker took', async () => {
    const impatient = { ...defaultLifetimes, queueTimeoutSeconds: 0.001 };
    await new JobRecords(fixture.redis, impatient).create(jobRequest());
    await expect
      .poll(async () => {
        await sweepJobs(fixture.redis, defaultLifetimes);
        return counted();
      })
      .toEqual({
        'jobs_submitted_total{flatten,request}': 1,
        'jobs_ended_total{flatten,failed}': 1,
        'jobs_failed_total{QUEUE_TIMED_OUT}': 1,
        'job_duration_seconds_count{flatten,failed}': 1,
      });
  });

  describe('is a worker that was lost once', () => {
    test('if another one begins before anybody sees it', async () => {
      const { id } = await fixture.recorded();
      await records.start(id, 'a', 'host-1');
      await records.start(id, 'b', 'host-2');
      await mendJob(id, records, fixture.queues);
      expect(await counted()).toMatchObject({ job_attempts_total: 2, 'job_retries_total{WORKER_LOST}': 1 });
    });

    test('if it is seen before another one begins', async () => {
      const job = await fixture.queue.submit(jobRequest());
      await records.start(job.id, 'a', 'host-1');
      expect(await mendJob(job.id, records, fixture.queues)).toBe('requeued');
      await records.start(job.id, 'b', 'host-2');
      expect(await counted()).toMatchObject({ job_attempts_total: 2, 'job_retries_total{WORKER_LOST}': 1 });
    });
  });

  test('are jobs by what made them, and by kind', async () => {
    const request = jobRequest({ kind: 'inspect' });
    for (const origin of [{ schedule: 'nightly' }, { trigger: 'push' }, { batch: 'b', schedule: 'weekly' }]) {
      await records.create(request, { origin });
    }
    expect(await counted()).toEqual({
      'jobs_submitted_total{inspect,schedule}': 1,
      'jobs_submitted_total{inspect,trigger}': 1,
      'jobs_submitted_total{inspect,batch}': 1,
    });
  });

  test('holds up no job where the counts are broken', async () => {
    await fixture.redis.set('{dimgx}:metrics', 'x');
    const { id } = await fixture.recorded();
    await records.start(id, 'a', 'host-1');
    const end = { state: 'completed', result: jobResult('debian'), progress } as const;
    expect(await records.end(id, 'a', end, { resolve: 1 })).toBe(true);
  });

  test('stays small, whatever pools jobs name', async () => {
    for (let pool = 0; pool < 250; pool++) await records.create(jobRequest({ pool: `p-${pool}` }));
    const families = await metrics.read();
    const depth = families.find(({ name }) => name === 'dimgx_queue_jobs');
    expect(depth?.samples.filter(({ labels }) => labels.state === 'queued')).toHaveLength(200);
    expect(await metricValues(metrics)).toMatchObject({ 'jobs{queued}': 250 });
    expect(await fixture.redis.hlen('{dimgx}:metrics')).toBeLessThan(10);
    const { jobs } = await fixture.queue.list({}, 500);
    for (const { id } of jobs) await fixture.queue.cancel(id);
    expect(await fixture.redis.exists('{dimgx}:pools')).toBe(0);
  });

  test('are callbacks by how each attempt came out', async () => {
    const statuses = [500, 204, 410];
    const receiver = await startReceiver((response, number) =>
      response.writeHead(statuses[number] ?? 204).end(),
    );
    const networks = ['127.0.0.1/32'];
    const quick = { redis: fixture.server, networks, schedule: [0, 10], interval: 20, log };
    const callbacks = await Callbacks.start(quick);
    try {
      for (const image of ['one', 'two']) {
        const callback = { url: receiver.url };
        await callbacks.register(callback.url);
        await fixture.queue.cancel((await records.create(jobRequest({ image, callback }))).job.id);
        if (image === 'one') await receiver.first(2);
      }
      await receiver.first(3);
      await expect.poll(counted).toMatchObject({
        'callbacks_total{job.cancelled,retried}': 1,
        'callbacks_total{job.cancelled,delivered}': 1,
        'callbacks_total{job.cancelled,given_up}': 1,
      });
    } finally {
      await callbacks.close();
      await receiver.close();
    }
  });
});

needs('redis')('/metrics of a service', () => {
  let service: Service;
  let image: string;
  beforeAll(async () => {
    service = await startService({ folder: join(inject('runFolder'), randomUUID()) });
    const file = join(service.images, 'one.tar');
    const layers = [layer().file('a', Buffer.alloc(1000)), layer().file('b')];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['one:1'] }, 'docker-25'), file);
    image = `docker-archive:${file}`;
  });
  afterAll(() => service?.close());

  test('tells what jobs came to, and the same after Redis was away', async () => {
    const { client, redis } = service;
    const { report } = await client.flattened({ image, labels: { team: 'secret-team' } });
    await client.flattened({ image });
    await client.finished((await client.submit({ image: `${image}-gone` })).id);
    await client.finished((await client.submit({ image, kind: 'inspect' })).id);

    const metrics = await client.metrics();
    const value = (series: string) => {
      const name = series.replace(/\{.*|(_bucket|_sum|_count)(\{.*)?$/g, '');
      return metrics.get(name)?.samples.get(series);
    };
    expect(value('dimgx_redis_up')).toBe(1);
    expect(value('dimgx_jobs_ended_total{kind="flatten",state="completed"}')).toBe(2);
    expect(value('dimgx_jobs_ended_total{kind="flatten",state="failed"}')).toBe(1);
    expect(value('dimgx_jobs_ended_total{kind="inspect",state="completed"}')).toBe(1);
    expect(value('dimgx_jobs_failed_total{code="ARCHIVE_NOT_FOUND"}')).toBe(1);
    expect(value('dimgx_artifact_cache_hits_total')).toBe(1);
    expect(value('dimgx_artifact_cache_misses_total')).toBe(1);
    expect(value('dimgx_artifacts_stored_bytes_total')).toBe(report.artifact.size);
    expect(value('dimgx_tars_written_bytes_total')).toBe(report.artifact.uncompressedSize);
    expect(value('dimgx_job_wait_seconds_count')).toBe(4);
    expect(value('dimgx_job_phase_seconds_count{phase="resolve"}')).toBe(4);
    for (const phase of ['plan', 'flatten', 'upload']) {
      expect(value(`dimgx_job_phase_seconds_count{phase="${phase}"}`)).toBe(1);
    }
    expect(value('dimgx_pool_workers{pool="default"}')).toBe(1);
    expect(value('dimgx_pool_worker_resident_bytes{pool="default"}')).toBeGreaterThan(1e6);
    expect(value('dimgx_queue_oldest_wait_seconds{pool="default"}')).toBe(0);
    expect(
      value('dimgx_http_request_duration_seconds_count{method="POST",route="/v1/jobs",status="202"}'),
    ).toBe(4);
    for (const metric of metrics.values()) expect(metric.help).not.toBe('');

    const leaving = new AbortController();
    const { id } = await client.submit({ image, pool: 'nobody' });
    const stream = await fetch(`${client.url}/v1/jobs/${id}/events`, { signal: leaving.signal });
    await stream.body?.getReader().read();
    leaving.abort();
    const events =
      'dimgx_http_request_duration_seconds_count{method="GET",route="/v1/jobs/:id/events",status="200"}';
    await expect
      .poll(async () =>
        (await client.metrics()).get('dimgx_http_request_duration_seconds')?.samples.get(events),
      )
      .toBe(1);

    const text = await (await fetch(`${client.url}/metrics`)).text();
    expect(text).not.toMatch(/one\.tar|secret-team/);

    await redis.kill();
    const begun = performance.now();
    const away = await fetch(`${client.url}/metrics`);
    expect(performance.now() - begun).toBeLessThan(2000);
    const left = readMetrics(await away.text());
    expect(left.get('dimgx_redis_up')?.samples.get('dimgx_redis_up')).toBe(0);
    expect(left.has('dimgx_jobs_ended_total')).toBe(false);
    expect(left.has('process_resident_memory_bytes')).toBe(true);
    await redis.restart();
    const counts = (text: string) => text.split('\n').filter((line) => line.startsWith('dimgx_jobs_ended'));
    await expect
      .poll(async () => counts(await (await fetch(`${client.url}/metrics`)).text()), { timeout: 10_000 })
      .toEqual(counts(text));
  });
});
