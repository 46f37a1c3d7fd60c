import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one request. */
export type Fault =
  | { readonly kind: 'pass' }
  /** The server never hears of it. */
  | { readonly kind: 'answer'; readonly status: number; readonly body?: string }
  /** The connection breaks while the request is on its way. */
  | { readonly kind: 'cut' }
  /** The server does its work, but the connection breaks before, or in the middle of, its answer. */
  | { readonly kind: 'cut-answer'; readonly afterBytes?: number }
  /** No answer ever. */
  | { readonly kind: 'hang' }
  /** As `pass`, once the promise is fulfilled. */
  | { readonly kind: 'hold'; readonly until: Promise<void> };

/** A request as S3 names it: `PUT part`, `POST complete`, `DELETE upload`, `GET uploads`, `PUT object`, … */
export type Operation = string;

export interface FaultProxy {
  readonly endpoint: string;
  /** All operations so far, in order of their arrival. */
  readonly seen: readonly Operation[];
  /** Decides on each request; `nth` counts those of the same operation from 1. All pass until it is set. */
  decide: (operation: Operation, nth: number) => Fault | undefined;
  close(): Promise<void>;
}

/** Stands between a store and a real server, on a port of its own, and does to requests what the test says. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const seen: Operation[] = [];
  const server = createServer((incoming, outgoing) => {
    const operation = operationOf(incoming);
    seen.push(operation);
    const nth = seen.filter((other) => other === operation).length;
    incoming.on('error', () => {});
    apply(proxy.decide(operation, nth) ?? { kind: 'pass' }, target, incoming, outgoing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    decide: () => undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}

function operationOf({ method, url = '' }: IncomingMessage): Operation {
  const { pathname, searchParams } = new URL(url, 'http://proxy');
  const isBucket = pathname.split('/').filter((part) => part !== '').length < 2;
  if (searchParams.has('partNumber')) return `${method} part`;
  if (searchParams.has('uploadId')) return method === 'POST' ? 'POST complete' : `${method} upload`;
  if (searchParams.has('uploads')) return `${method} uploads`;
  return `${method} ${isBucket ? 'bucket' : 'object'}`;
}

function apply(fault: Fault, target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  switch (fault.kind) {
    case 'pass':
      forward(target, incoming, outgoing);
      break;
    case 'hold':
      void fault.until.then(() => forward(target, incoming, outgoing));
      break;
    case 'answer':
      incoming.resume().once('end', () => {
        outgoing.writeHead(fault.status, { 'content-type': 'application/xml' }).end(fault.body ?? '');
      });
      break;
    case 'cut':
      incoming.once('data', () => incoming.socket.destroy());
      incoming.once('end', () => incoming.socket.destroy());
      break;
    case 'cut-answer':
      forward(target, incoming, outgoing, fault.afterBytes ?? 0);
      break;
    case 'hang':
      incoming.resume();
  }
}

/** The Host header stays the proxy's, since the signature covers it. */
function forward(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  cutAfter?: number,
): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const { hostname, port } = new URL(target);
  const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
    if (cutAfter === undefined) {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      return void answer.pipe(outgoing);
    }
    let left = cutAfter;
    if (left > 0) outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('data', (chunk: Buffer) => {
      if (left > 0) outgoing.write(chunk.subarray(0, left));
      left -= chunk.byteLength;
      if (left < 0) outgoing.socket?.end();
    });
    answer.once('end', () => outgoing.socket?.destroy());
  });
  onward.on('error', () => incoming.socket.destroy());
  incoming.pipe(onward);
}
