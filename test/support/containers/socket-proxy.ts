import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
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
    const { method = '', url = '', headers } = incoming;
    const { pathname } = new URL(url, 'http://engine');
    const isAllowed = allows(method, pathname);
    (isAllowed ? passed : refused).push(`${method} ${pathname}`);
    if (!isAllowed) {
      answer.writeHead(403).end();
      return;
    }
    // A connection each: one that was kept may be closed by the engine just when it is used again.
    const outgoing = request({ socketPath, method, path: url, headers, agent: false }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      pipeline(response, answer).catch(() => answer.destroy());
    });
    // An engine may answer before it has read all, and close.
    pipeline(incoming, outgoing).catch(() => answer.headersSent || answer.destroy());
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
