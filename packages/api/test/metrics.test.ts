import { DimgxError } from '@dimgx/core';
import type { MetricFamily } from '@dimgx/queue';
import { afterEach, describe, expect, test } from 'vitest';
import { expositionOf } from '../src/metrics/exposition.ts';
import { type ApiFixture, apiFixture } from './api-fixture.ts';

test('the text format has each metric with its help and type, and labels with what would end them escaped', () => {
  const family: MetricFamily = {
    ...{ name: 'x_total', type: 'counter', help: 'Back\\slash\nand line' },
    samples: [
      { labels: {}, value: 1 },
      { labels: { a: 'q"u\\o\nt', b: '' }, value: 0.5 },
    ],
  };
  const none: MetricFamily = { name: 'y', type: 'histogram', help: 'None', samples: [] };
  expect(expositionOf([family, none]).split('\n')).toEqual([
    ...['# HELP x_total Back\\\\slash\\nand line', '# TYPE x_total counter', 'x_total 1'],
    'x_total{a="q\\"u\\\\o\\nt",b=""} 0.5',
    ...['# HELP y None', '# TYPE y histogram', ''],
  ]);
});

describe('/metrics', () => {
  let fixture: ApiFixture | undefined;
  afterEach(() => fixture?.close());

  const told = async (
    read: () => Promise<MetricFamily[]>,
    before: readonly string[] = [],
  ): Promise<string> => {
    fixture = await apiFixture({ metrics: { read } });
    for (const url of before) await fixture.app.inject(url);
    const response = await fixture.app.inject('/metrics');
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    return response.body;
  };

  test('tells of the service, of this process and of its requests, by route', async () => {
    const read = async (): Promise<MetricFamily[]> => [
      {
        name: 'dimgx_jobs',
        type: 'gauge',
        help: 'Jobs',
        samples: [{ labels: { state: 'queued' }, value: 3 }],
      },
    ];
    const body = await told(read, ['/v1/jobs/x?a=secret', '/v1/jobs/y', '/nowhere/secret']);
    expect(body).toContain('\ndimgx_redis_up 1\n');
    expect(body).toContain('\ndimgx_jobs{state="queued"} 3\n');
    expect(body).toMatch(/^dimgx_build_info\{version="1.2.3"\} 1$/m);
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
    expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    const count = 'dimgx_http_request_duration_seconds_count';
    expect(body).toContain(`${count}{method="GET",route="/v1/jobs/:id",status="404"} 2\n`);
    expect(body).toContain(`${count}{method="GET",route="none",status="404"} 1\n`);
    expect(body).not.toContain('secret');
  });

  test('tells of this process alone while Redis is away', async () => {
    const body = await told(async () => {
      throw new DimgxError('REDIS_UNREACHABLE', 'away');
    });
    expect(body).toContain('\ndimgx_redis_up 0\n');
    expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  test('does not wait for a Redis that does not answer', async () => {
    const begun = performance.now();
    expect(await told(() => new Promise(() => {}))).toContain('\ndimgx_redis_up 0\n');
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  test('asks Redis once for all who ask at a time', async () => {
    const asked = Promise.withResolvers<MetricFamily[]>();
    let reads = 0;
    fixture = await apiFixture({
      metrics: {
        read() {
          reads += 1;
          return asked.promise;
        },
      },
    });
    const { app } = fixture;
    const answers = Promise.all([1, 2, 3].map(() => app.inject('/metrics')));
    await expect.poll(() => reads).toBe(1);
    asked.resolve([]);
    expect((await answers).map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(reads).toBe(1);
    await app.inject('/metrics');
    expect(reads).toBe(2);
  });
});
