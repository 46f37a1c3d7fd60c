import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError } from '@dimgx/core';
import type { MetricFamily, ServiceMetrics } from '@dimgx/queue';
import { z } from 'zod';
import type { Api } from '../api.ts';
import { expositionOf } from '../metrics/exposition.ts';
import { contentType, watchProcess } from '../metrics/process-metrics.ts';

export interface MetricsRoutes {
  readonly metrics: Pick<ServiceMetrics, 'read'>;
  readonly version: string;
}

const second = 1000;
/** What is not read within this is left out. Milliseconds. */
const readWithin = 0.9 * second;

/** What Prometheus asks for. It names pools, and neither images nor keys, and needs no key, as the health routes. */
export function addMetricsRoute(app: Api, { metrics, version }: MetricsRoutes): void {
  const ownMetrics = watchProcess(app, version);
  const serviceMetrics = shared(() => readMetrics(metrics));

  app.route({
    method: 'GET',
    url: '/metrics',
    logLevel: 'warn',
    schema: {
      operationId: 'readMetrics',
      tags: ['health'],
      summary: "Metrics in Prometheus's text format",
      description:
        'Of the whole service, the same at every API, and of this process. Without Redis, of this process alone.',
      response: { 200: { description: 'The metrics', content: { 'text/plain': { schema: z.string() } } } },
    },
    async handler(_request, reply) {
      const families = await serviceMetrics().catch((error: unknown) => {
        if (error instanceof DimgxError && error.code === 'REDIS_UNREACHABLE') return undefined;
        throw error;
      });
      const text = expositionOf([redisUp(families !== undefined), ...(families ?? [])]);
      return reply.type(contentType).send(text + (await ownMetrics()));
    },
  });
}

function redisUp(isUp: boolean): MetricFamily {
  const help = 'Whether Redis answered this API; if not (0), what the service counts is left out.';
  return { name: 'dimgx_redis_up', type: 'gauge', help, samples: [{ labels: {}, value: isUp ? 1 : 0 }] };
}

async function readMetrics(metrics: Pick<ServiceMetrics, 'read'>): Promise<MetricFamily[]> {
  const tooLate = new AbortController();
  const late = delay(readWithin, undefined, { ref: false, signal: tooLate.signal }).then(() => {
    throw new DimgxError('REDIS_UNREACHABLE', `Redis did not tell the metrics within ${readWithin} ms`);
  });
  try {
    return await Promise.race([metrics.read(), late]);
  } finally {
    late.catch(() => {});
    tooLate.abort();
  }
}

/** Who asks while somebody else does gets the same answer, so that nobody can have Redis asked often. */
function shared<T>(ask: () => Promise<T>): () => Promise<T> {
  let asking: Promise<T> | undefined;
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
