import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { type ReceivedSpan, spansOf } from './span-message.ts';

/** A collector of OTLP over HTTP on loopback. */
export interface TraceCollector {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  /** How often it was asked to take spans. */
  readonly requests: number;
  close(): Promise<void>;
}

/** `isSilent`: it takes requests and never answers. */
export async function startCollector({ isSilent = false } = {}): Promise<TraceCollector> {
  const spans: ReceivedSpan[] = [];
  let requests = 0;
  const server = createServer(async (request, response) => {
    requests += 1;
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    if (isSilent) return;
    const isWanted =
      request.url === '/v1/traces' && request.headers['content-type'] === 'application/x-protobuf';
    if (!isWanted) return void response.writeHead(400).end();
    spans.push(...spansOf(request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get requests() {
      return requests;
    },
    async close() {
      const closed = once(server, 'close');
      server.close().closeAllConnections();
      await closed;
    },
  };
}
