/**
 * Keeps the servers that the tests of one run share. A process of its own, in a session of its own: whatever way the
 * run ends, its standard input closes, and then it stops all that it started and removes the run's folder.
 *
 * Prints one line of JSON, `{ partsUrl, runFolder }`; `GET /<part>` starts the part and answers with its addresses.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDockerEngine } from './docker-engine.ts';
import { startObjectGateway } from './object-gateway.ts';
import { startRedis } from './redis.ts';
import { startRegistry } from './registry.ts';

interface Part {
  stop(): Promise<void>;
}

const runFolder = await mkdtemp(join(tmpdir(), 'dimgx-test-'));

const starters: Record<string, () => Promise<Part>> = {
  redis: () => startRedis(join(runFolder, 'redis')),
  docker: () => startDockerEngine(join(runFolder, 'docker')),
  registry: () => startRegistry(join(runFolder, 'registry')),
  objectGateway: () => startObjectGateway(join(runFolder, 'object-gateway')),
};

const started = new Map<string, Promise<Part>>();

const server = createServer((request, response) => {
  void answer(request.url?.slice(1) ?? '', response);
});

async function answer(name: string, response: ServerResponse): Promise<void> {
  const starter = starters[name];
  if (starter === undefined) return void response.writeHead(404).end(`no part ${name}`);
  const starting = started.get(name) ?? starter();
  started.set(name, starting);
  try {
    response.end(JSON.stringify(await starting));
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
}

async function close(): Promise<void> {
  server.close();
  server.closeAllConnections();
  // A part that did not start has cleaned up after itself and told whoever asked for it.
  const parts = (await Promise.allSettled(started.values())).filter(
    (outcome) => outcome.status === 'fulfilled',
  );
  await Promise.all(parts.map(({ value }) => value.stop()));
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
