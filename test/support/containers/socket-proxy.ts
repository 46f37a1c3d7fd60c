import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';

/** Whether a request may pass. */
export type AllowList = (method: string, path: string) => boolean;

export interface SocketProxy {
  /** As in `DOCKER_HOST`. */
  readonly host: string;
  /** `METHOD PATH` of each request so far, by whether it passed. */
  readonly passed: readonly string[];
  readonly refused: readonly string[];
  stop(): Promise<void>;
}

/** The allow-list in the options of wollomatic/socket-proxy: patterns for each method, of the whole path. */
export function allowListOf(options: readonly string[]): AllowList {
  return (method, path) => {
    const prefix = `-allow${method}=`;
    const patterns = options.filter((option) => option.startsWith(prefix)).map((o) => o.slice(prefix.length));
    return patterns.some((pattern) => new RegExp(`^(?:${pattern})$`).test(path));
  };
}

/** Stands in for that proxy: passes on to the engine's socket what the list allows, and refuses the rest. */
export async function startSocketProxy(socketPath: string, allows: AllowList): Promise<SocketProxy> {
  const passed: string[] = [];
  const refused: string[] = [];
  const server = createServer((incoming, answer) => {
    const { method = '', url = '' } = incoming;
    const { pathname } = new URL(url, 'http://engine');
    const isAllowed = allows(method, pathname);
    (isAllowed ? passed : refused).push(`${method} ${pathname}`);
    if (isAllowed) passOn(socketPath, incoming, answer).catch(() => answer.destroy());
    else answer.writeHead(403).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    ...{ host: `tcp://127.0.0.1:${port}`, passed, refused },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/**
 * The request goes in one write. An engine that is asked to close the connection behind its answer may do so before it has
 * read what follows the header, and whoever then writes on gets EPIPE, and not the answer that was there already.
 */
async function passOn(socketPath: string, incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
  const { method, url: path, headers } = incoming;
  const body = await buffer(incoming);
  // A connection each: one that was kept may be closed by the engine just when it is used again.
  const outgoing = request({ socketPath, method, path, headers, agent: false });
  // What is wrong is heard where the answer is waited for, or read.
  outgoing.on('error', () => {});
  answer.on('close', () => outgoing.destroy());
  outgoing.end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.writeHead(response.statusCode ?? 502, response.headers);
  await pipeline(response, answer);
}
