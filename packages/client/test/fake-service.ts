import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'vitest';
import { type ClientOptions, DimgxClient } from '../src/index.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface SeenRequest {
  /** `GET /v1/jobs`. */
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A service that answers what a test wants, for faults that a real one shows to nobody at will. */
export interface FakeService {
  url: string;
  /** To the requests to come, in their order; the last one stays. */
  answers: Answer[];
  /** To those for the events of a job; the last one stays. */
  events: Answer[];
  /** But for those for events. */
  requests: SeenRequest[];
  eventRequests: SeenRequest[];
  client(options?: Partial<ClientOptions>): DimgxClient;
}

/** One for each test of the file. */
export function fakeService(): FakeService {
  const service = {} as FakeService;
  const server = createServer(async (request, response) => {
    const seen = {
      ...{ line: `${request.method} ${request.url}`, headers: request.headers },
      body: await text(request),
    };
    const areEvents = request.url?.endsWith('/events') === true;
    (areEvents ? service.eventRequests : service.requests).push(seen);
    const answers = areEvents ? service.events : service.answers;
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  beforeEach(async () => {
    if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const client = (options: Partial<ClientOptions> = {}) => new DimgxClient({ url, ...options });
    const events = [refused(404, 'JOB_NOT_FOUND')];
    Object.assign(service, { url, answers: [], events, requests: [], eventRequests: [], client });
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  return service;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
}

/** A problem document. */
export function refused(status: number, code: string, headers: Record<string, string> = {}): Answer {
  return json({ type: 'about:blank', title: 'No', status, detail: `it is ${code}`, code }, status, headers);
}

export const redisAway = refused(503, 'REDIS_UNREACHABLE');

/** The connection is lost before there is an answer. */
export const lost: Answer = (_request, response) => response.destroy();

/** An event stream that ends behind these texts. */
export function eventStream(...texts: string[]): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    for (const text of texts) response.write(text);
    response.end();
  };
}

export function stateEvent(id: string, state: string, more: object = {}): string {
  const data = { id, at: '2026-11-24T00:00:00.000Z', state, ...more };
  return `id: ${id}\nevent: state\ndata: ${JSON.stringify(data)}\n\n`;
}

export function progressEvent(progress: object): string {
  return `event: progress\ndata: ${JSON.stringify(progress)}\n\n`;
}
