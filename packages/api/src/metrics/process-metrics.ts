import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { whenAnswered } from '../answered.ts';
import type { Api } from '../api.ts';

/** From quick answers to event streams, which last as long as their job. Seconds. */
const buckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 30, 300];
/** Of requests that no route is for. */
const noRoute = 'none';

/** Memory, CPU, event loop and garbage collection: of the process, however many APIs it has. */
let ofProcess: Registry | undefined;

/** What this one API tells of itself; requests are counted from now on. */
export function watchProcess(app: Api, version: string): () => Promise<string> {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  const registers = [new Registry()];
  const build = new Gauge({
    ...{ name: 'dimgx_build_info', help: 'Always 1; its label is the version of this API.', registers },
    labelNames: ['version'],
  });
  build.set({ version }, 1);
  const requests = new Histogram({
    name: 'dimgx_http_request_duration_seconds',
    help: 'Requests to this API, by method, route and status (499: who asked had gone before), and how long each took.',
    labelNames: ['method', 'route', 'status'],
    ...{ buckets, registers },
  });
  app.addHook('onRequest', async ({ method, routeOptions: { url: route = noRoute } }, reply) => {
    const begun = performance.now();
    whenAnswered(reply, (status) =>
      requests.observe({ method, route, status }, (performance.now() - begun) / 1000),
    );
  });
  const all = Registry.merge([...registers, ofProcess]);
  return () => all.metrics();
}

export const { contentType } = new Registry();
