import type { Tracing } from '@dimgx/queue';
import { whenAnswered } from './answered.ts';
import type { Api } from './api.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The `traceparent` of the request, for what it makes; undefined unless it is traced. */
    trace?: string | undefined;
  }
}

/**
 * Has each request below `/v1` that comes from now on told as a span of its caller's trace, and its log lines name both.
 * Neither queries nor headers are told, where secrets may stand.
 */
export function traceRequests(app: Api, tracing: Tracing): void {
  app.decorateRequest('trace');
  app.addHook('onRequest', async (request, reply) => {
    const { method, routeOptions, headers } = request;
    const { url: route } = routeOptions;
    if (route === undefined || !route.startsWith('/v1/')) return;
    const [path] = request.url.split('?', 1);
    const span = tracing.begin(`${method} ${route}`, {
      ...{ kind: 'server', parent: [headers.traceparent].flat()[0] },
      attributes: { 'http.request.method': method, 'http.route': route, 'url.path': path },
    });
    if (span.ids === undefined) return;
    request.trace = span.traceparent;
    request.log = request.log.child(span.ids);
    reply.log = request.log;
    whenAnswered(reply, (status) => {
      span.set({ 'http.response.status_code': status });
      span.end(status < 500 ? undefined : String(status));
    });
  });
}
