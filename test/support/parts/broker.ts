/**
 * Keeps the servers that the tests of one run share. A process of its own, in a session of its own: whatever way the
 * run ends, its standard input closes, and then it stops all that it started and removes the run's folder.
 *
 * Prints one line of JSON, `{ partsUrl, runFolder }`; `GET /<part>` starts the part and answers with its addresses.
 */
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildRealImages } from '../images/real-images.ts';
import { type DockerEngine, startDockerEngine } from './docker-engine.ts';
import { unmountBelow } from './mounts.ts';
import { startObjectGateway } from './object-gateway.ts';
import { startRedis } from './redis.ts';
import { startRegistry } from './registry.ts';

interface Part {
  stop(): Promise<void>;
}

const runFolder = await mkdtemp(join(tmpdir(), 'dimgx-test-'));
// Tests run programs as other users, who need not list the folder but pass through it.
await chmod(runFolder, 0o711);

/** Cuts short what takes a minute; the rest ends by itself, or when the engine that it talks to does. */
const closing = new AbortController();

const starters: Record<string, () => Promise<Part>> = {
  redis: () => startRedis(join(runFolder, 'redis')),
  docker: () => startDockerEngine(join(runFolder, 'docker')),
  registry: () => startRegistry(join(runFolder, 'registry')),
  objectGateway: () => startObjectGateway(join(runFolder, 'object-gateway')),
  async realImages() {
    const { socketPath } = (await started('docker')) as DockerEngine;
    const folder = join(runFolder, 'real-images');
    return { images: await buildRealImages(folder, socketPath, closing.signal), stop: async () => {} };
  },
};

const parts = new Map<string, Promise<Part>>();

const server = createServer((request, response) => {
  void answer(request.url?.slice(1) ?? '', response);
});

async function answer(name: string, response: ServerResponse): Promise<void> {
  try {
    response.end(JSON.stringify(await started(name)));
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}

/** The part, started unless it is; one that did not start does not start again. */
function started(name: string): Promise<Part> {
  const part = parts.get(name) ?? starters[name]?.() ?? Promise.reject(new Error(`there is no part ${name}`));
  parts.set(name, part);
  return part;
}

async function close(): Promise<void> {
  server.close();
  server.closeAllConnections();
  closing.abort();
  await Promise.all(
    [...parts.values()].map(async (starting) => {
      // A part that did not start has cleaned up after itself and told whoever asked for it.
      const part = await starting.catch(() => undefined);
      await part?.stop();
    }),
  );
  await unmountBelow(runFolder);
  await rm(runFolder, { recursive: true, force: true });
}

server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ partsUrl: `http://127.0.0.1:${port}`, runFolder })}\n`);

for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
await Promise.race([once(process.stdin.resume(), 'end'), once(process, 'SIGTERM')]);
process.stdin.destroy();
await close();
