import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { openTracing, serviceLog } from '@dimgx/queue';
import { type RunningWorker, startWorker } from '@dimgx/worker';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { writeArchive } from '../support/images/archive-files.ts';
import { dockerArchiveFiles } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { needs } from '../support/parts/needs.ts';
import { startReceiver } from '../support/service/callback-receiver.ts';
import { type Service, startService } from '../support/service/service-fixture.ts';
import type { ReceivedSpan } from '../support/tracing/span-message.ts';
import { startCollector, type TraceCollector } from '../support/tracing/trace-collector.ts';

const until = { timeout: 30_000, interval: 50 };
/** Each span begins by a clock of milliseconds. Nanoseconds. */
const clockGrain = 5_000_000n;
const caller = { trace: 'c0ffee00c0ffee00c0ffee00c0ffee00', span: 'ba5eba11ba5eba11' };
const traceparent = `00-${caller.trace}-${caller.span}-01`;

needs('redis')('a service that is traced', () => {
  const lines: string[] = [];
  let opened: AsyncDisposableStack;
  let collector: TraceCollector;
  let service: Service;
  let worker: RunningWorker;
  let image: string;

  beforeEach(() => {
    lines.length = 0;
    opened = new AsyncDisposableStack();
    opened.defer(() => void vi.unstubAllEnvs());
  });
  afterEach(() => opened.disposeAsync());

  /** API and worker, with tracing each, as their processes would have it. */
  async function start(endpoint: string): Promise<void> {
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
    vi.stubEnv('OTEL_BSP_SCHEDULE_DELAY', '50');
    vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '1000');
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test');
    const log = serviceLog('test', 'info', { write: (line) => void lines.push(line) });
    const traced = async (name: string) => {
      const tracing = (await openTracing(name, process.env, log)) ?? expect.fail('no tracing');
      opened.defer(() => tracing.close());
      return { tracing, log };
    };
    const callbacks = { networks: ['127.0.0.1/32'], interval: 20 };
    const triggers = { debounce: { quiet: 1, patience: 1000 }, interval: 20 };
    service = await startService({
      folder: join(inject('runFolder'), randomUUID()),
      api: {
        callbacks,
        triggers,
        retry: { attempts: 2, backoffMilliseconds: 1 },
        ...(await traced('dimgx-api')),
      },
      worker: false,
    });
    opened.defer(() => service.close());
    const dockerHost = `unix://${join(service.images, 'nobody.sock')}`;
    worker = await startWorker({ ...service.workerSettings, dockerHost, ...(await traced('dimgx-worker')) });
    opened.defer(() => worker.close());
    const file = join(service.images, 'one.tar');
    const layers = [layer().file('a', Buffer.alloc(1000))];
    await writeArchive(dockerArchiveFiles({ layers, tags: ['one:1'] }, 'docker-25'), file);
    image = `docker-archive:${file}`;
  }

  async function startCollected(): Promise<void> {
    collector = await startCollector();
    opened.defer(() => collector.close());
    await start(collector.endpoint);
  }

  const named = (name: string) => collector.spans.filter((span) => span.name === name);
  /** The one span of that name, once it has come. */
  const spanNamed = async (name: string): Promise<ReceivedSpan> => {
    await expect.poll(() => named(name).length, until).toBe(1);
    return named(name)[0] ?? expect.fail();
  };
  const send = async (method: string, path: string, body?: unknown): Promise<Record<string, string>> => {
    const response = await fetch(`${service.client.url}/v1/${path}`, {
      method,
      headers: { traceparent, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) expect.fail(await response.text());
    return (await response.json()) as Record<string, string>;
  };

  test('continues its caller in API, worker, phases and callback, and names the trace in the logs', async () => {
    await startCollected();
    const receiver = await startReceiver();
    opened.defer(() => receiver.close());
    const callbackUrl = `${receiver.url}?a=b`;
    const { id = '' } = await send('POST', 'jobs?token=secret', { image, callback: { url: callbackUrl } });
    const job = await service.client.finished(id);
    expect(job.state).toBe('completed');
    const [told] = await receiver.first(1);

    const server = await spanNamed('POST /v1/jobs');
    const attempt = await spanNamed('job flatten');
    const callback = await spanNamed('callback');
    expect(server).toMatchObject({
      service: 'dimgx-api',
      traceId: caller.trace,
      parentId: caller.span,
      kind: 2,
    });
    expect(server.attributes).toEqual({
      ...{ 'http.request.method': 'POST', 'http.route': '/v1/jobs', 'url.path': '/v1/jobs' },
      'http.response.status_code': 202,
    });
    expect(attempt).toMatchObject({
      ...{ service: 'dimgx-worker', traceId: caller.trace, parentId: server.spanId, kind: 5, isError: false },
      attributes: {
        ...{ 'dimgx.job.id': id, 'dimgx.job.attempt': 1, 'dimgx.image': image, 'dimgx.pool': 'default' },
        ...{ 'dimgx.cached': false, 'dimgx.worker': worker.name },
      },
    });
    expect(attempt.attributes['dimgx.artifact.bytes']).toBeGreaterThan(0);
    for (const phase of ['resolve', 'plan', 'flatten', 'upload']) {
      const span = await spanNamed(`phase ${phase}`);
      expect(span).toMatchObject({ traceId: caller.trace, parentId: attempt.spanId, isError: false });
      expect(span.start - attempt.start).toBeGreaterThan(-clockGrain);
      expect(attempt.end - span.end).toBeGreaterThan(-clockGrain);
    }
    expect(callback).toMatchObject({
      ...{ service: 'dimgx-api', traceId: caller.trace, parentId: server.spanId, kind: 3 },
      attributes: { 'server.address': '127.0.0.1', 'http.response.status_code': 204, 'dimgx.job.id': id },
    });
    expect(told?.headers.traceparent).toBe(`00-${caller.trace}-${callback.spanId}-01`);

    const ofJob = lines.map((line) => JSON.parse(line)).filter((line) => line.job === id);
    const ids = new Map(ofJob.map(({ msg, trace_id, span_id }) => [msg, [trace_id, span_id]]));
    expect(ids.get('job accepted')).toEqual([caller.trace, server.spanId]);
    for (const said of ['begun', 'completed']) expect(ids.get(said)).toEqual([caller.trace, attempt.spanId]);
    const { items } = (await send('GET', `jobs/${id}/logs`)) as never as { items: { message: string }[] };
    expect(items.map(({ message }) => message)).toContain(`its trace is ${caller.trace}`);
    expect(JSON.stringify(job)).not.toContain(caller.trace);
  });

  test('tells nothing of a trace that its caller does not tell, and passes that on', async () => {
    await startCollected();
    const receiver = await startReceiver();
    opened.defer(() => receiver.close());
    const body = JSON.stringify({ image, callback: { url: receiver.url } });
    const headers = { 'content-type': 'application/json', traceparent: traceparent.replace(/01$/, '00') };
    await fetch(`${service.client.url}/v1/jobs`, { method: 'POST', body, headers });
    const [told] = await receiver.first(1);
    expect(told?.headers.traceparent).toMatch(new RegExp(`^00-${caller.trace}-[0-9a-f]{16}-00$`));
    await send('GET', 'stats');
    await spanNamed('GET /v1/stats');
    expect(collector.spans.map(({ name }) => name)).toEqual(['GET /v1/stats']);
  });

  test('tells each attempt at a job in its trace, and what went wrong', async () => {
    await startCollected();
    const { id = '' } = await send('POST', 'jobs', { image: 'docker-daemon:nobody:1' });
    await service.client.finished(id);
    await expect.poll(() => named('job flatten').length, until).toBe(2);
    for (const [at, span] of named('job flatten').entries()) {
      expect(span).toMatchObject({ traceId: caller.trace, isError: true });
      expect(span.attributes).toMatchObject({
        'error.type': 'DOCKER_UNREACHABLE',
        'dimgx.job.attempt': at + 1,
      });
    }
    expect(named('phase resolve').map(({ isError }) => isError)).toEqual([true, true]);
  });

  test('gives each job of a batch a trace of its own, which names that of the batch', async () => {
    await startCollected();
    const receiver = await startReceiver();
    opened.defer(() => receiver.close());
    const jobs = [{ image }, { image, compression: { algorithm: 'none' } }];
    await send('POST', 'batches', { jobs, callback: { url: receiver.url } });
    const [told] = await receiver.first(1);
    await expect.poll(() => named('job flatten').length, until).toBe(2);
    const made = named('job of a batch');
    const traces = new Set(made.map(({ traceId }) => traceId));
    expect(traces.size).toBe(2);
    for (const span of made) expect(span).toMatchObject({ parentId: '', links: [caller.trace], kind: 4 });
    for (const { traceId, parentId } of named('job flatten')) {
      expect(made.find(({ spanId }) => spanId === parentId)?.traceId).toBe(traceId);
    }
    expect(told?.headers.traceparent).toContain(caller.trace);
  });

  test('continues through what a schedule and a trigger make', async () => {
    await startCollected();
    await send('PUT', 'schedules/hourly', { everySeconds: 3600, job: { image } });
    await send('POST', 'schedules/hourly/run');
    const run = await spanNamed('run of a schedule');
    expect(run).toMatchObject({ traceId: caller.trace, attributes: { 'dimgx.schedule.id': 'hourly' } });
    expect(await spanNamed('job flatten')).toMatchObject({ traceId: caller.trace, parentId: run.spanId });

    const job = { image, labels: { by: '{tag}' } };
    const { secret = '' } = await send('PUT', 'triggers/pushes', { provider: 'docker-hub', job });
    const push = {
      push_data: { tag: '1', pushed_at: Math.floor(Date.now() / 1000) },
      repository: { repo_name: 'team/app' },
    };
    await fetch(`${service.client.url}/v1/hooks/pushes?token=${secret}`, {
      ...{ method: 'POST', body: JSON.stringify(push) },
      headers: {
        'content-type': 'application/json',
        traceparent: traceparent.replaceAll('c0ffee00', 'deadbeef'),
      },
    });
    const hook = await spanNamed('POST /v1/hooks/:id');
    await expect.poll(() => named('job flatten').length, until).toBe(2);
    expect(named('job flatten')[1]).toMatchObject({ traceId: hook.traceId, parentId: hook.spanId });
    expect(hook.traceId).toBe('deadbeef'.repeat(4));
    expect(
      JSON.stringify(collector.spans, (_, value) => (typeof value === 'bigint' ? `${value}` : value)),
    ).not.toContain(secret);
  });

  test('does its work without a collector, and says so once', async () => {
    await start('http://127.0.0.1:1');
    for (const algorithm of ['zstd', 'none']) {
      await service.client.flattened({ image, compression: { algorithm } });
    }
    const said = () => lines.filter((line) => line.includes('traces can not be sent')).length;
    // Of API and worker.
    await expect.poll(said, { ...until, timeout: 60_000 }).toBe(2);
  });

  test('is not held up at its end by a collector that does not answer', async () => {
    const silent = await startCollector({ isSilent: true });
    opened.defer(() => silent.close());
    await start(silent.endpoint);
    await service.client.flattened({ image });
    await expect.poll(() => silent.requests, until).toBeGreaterThan(0);
    const begun = performance.now();
    const closing = opened;
    opened = new AsyncDisposableStack();
    await closing.disposeAsync();
    expect(performance.now() - begun).toBeLessThan(12_000);
  });
});
