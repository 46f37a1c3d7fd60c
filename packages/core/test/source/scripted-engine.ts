import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { TestImage } from '../../../../test/support/images/test-image.ts';
import type { TestFolder } from './test-sources.ts';

export type Answer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly body: Buffer | string }
  | ((response: ServerResponse, request: IncomingMessage) => void);

export interface ScriptedEngine {
  /** For `dockerHost`. */
  readonly host: string;
  /** `METHOD PATH` of each request, the query decoded. */
  readonly requests: readonly string[];
  /** Connections that are open. */
  readonly connections: ReadonlySet<Socket>;
}

/**
 * A server that answers as a Docker engine would, from a script: `METHOD PATH` without the query. Of several answers
 * each counts once, the last for ever. What is not in the script is 404.
 */
export async function scriptedEngine(
  folder: TestFolder,
  script: Readonly<Record<string, Answer | readonly Answer[]>>,
): Promise<ScriptedEngine> {
  const requests: string[] = [];
  const connections = new Set<Socket>();
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const [path = '', query] = decodeURIComponent(request.url ?? '').split('?');
    const key = `${request.method} ${path}`;
    requests.push(query === undefined ? key : `${key}?${query}`);
    const answers = [script[key] ?? notFound(path)].flat() as Answer[];
    const count = counts.get(key) ?? 0;
    counts.set(key, count + 1);
    reply(answers[Math.min(count, answers.length - 1)], request, response);
  });
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  const socketPath = `${folder.path}/docker.sock`;
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { host: `unix://${socketPath}`, requests, connections };
}

function reply(answer: Answer, request: IncomingMessage, response: ServerResponse): void {
  if (typeof answer === 'function') answer(response, request);
  else {
    response.statusCode = answer.status ?? 200;
    response.end('json' in answer ? JSON.stringify(answer.json) : answer.body);
  }
}

function notFound(path: string): Answer {
  return { status: 404, json: { message: `no such image: ${path}` } };
}

/** What an engine answers to an inspect of the image. */
export function inspection(image: TestImage, fields: object = {}): Answer {
  const { os, architecture, variant } = image.platform;
  return {
    json: {
      Id: image.configDigest,
      RepoTags: image.tags,
      Created: image.created,
      ...{ Os: os, Architecture: architecture, Variant: variant },
      Config: JSON.parse(String(image.config)).config,
      RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
      ...fields,
    },
  };
}

/** What it answers to a history, without lines that made no layer. */
export function history(image: TestImage): Answer {
  const lines = image.layers.map(({ createdBy, tar }, index) => ({
    Id: index === image.layers.length - 1 ? image.configDigest : '<missing>',
    Created: 1_577_836_800 + index,
    CreatedBy: createdBy,
    Comment: '',
    Tags: null,
    Size: tar.length,
  }));
  return { json: lines.reverse() };
}
