import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlattenReport } from '@dimgx/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { download } from '../src/client/download.ts';
import { ServiceClient } from '../src/client/service-client.ts';
import { openTarget } from '../src/target/open-target.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const { signal } = new AbortController();

let server: Server;
let folder: string;
/** Answers to the requests to come, in their order; the last one stays. */
let answers: Answer[];
/** To those for the events of a job. */
let events: Answer;
let requests: { readonly line: string; readonly headers: IncomingMessage['headers'] }[];

beforeEach(async () => {
  requests = [];
  events = (_request, response) => response.writeHead(404).end();
  server = createServer((request, response) => {
    if (request.url?.endsWith('/events') === true) return events(request, response);
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    answer?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(join(tmpdir(), 'dimgx-client-'));
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function url(): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(token?: string, stop = signal): ServiceClient {
  return new ServiceClient({ url: url(), token }, stop);
}

const eventStream = { 'content-type': 'text/event-stream' };

function json(body: unknown, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
}

const redisAway = json({ detail: 'Redis does not answer', code: 'REDIS_UNREACHABLE' }, 503);

describe('a request', () => {
  test('carries the key', async () => {
    answers = [json({ id: 'a', state: 'queued' })];
    expect(await client('secret').submit({ image: 'x' })).toMatchObject({ id: 'a' });
    expect(requests).toMatchObject([{ line: 'POST /v1/jobs', headers: { authorization: 'Bearer secret' } }]);
  });

  test('can not leave its route by its id', async () => {
    answers = [json({ id: 'a', state: 'queued' })];
    await client().job('../../x?y');
    expect(requests[0]?.line).toBe('GET /v1/jobs/..%2F..%2Fx%3Fy');
  });

  test('that is refused throws what the service says', async () => {
    answers = [
      json({ title: 'Not Found', status: 404, detail: 'there is no job a', code: 'JOB_NOT_FOUND' }, 404),
    ];
    await expect(client().job('a')).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
      message: 'there is no job a',
    });
  });

  test('that something else than the service answers says so', async () => {
    answers = [(_request, response) => response.writeHead(502).end('<html>')];
    await expect(client().job('a')).rejects.toMatchObject({
      message: 'the service answered 502 Bad Gateway',
    });
  });

  test('that finds Redis away is sent again, as the same', async () => {
    answers = [redisAway, json({ id: 'a', state: 'queued' })];
    expect(await client().submit({ image: 'x' })).toMatchObject({ id: 'a' });
    const [first, second] = requests.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
  });

  test('that nobody answers is not sent again', async () => {
    const started = performance.now();
    const submission = new ServiceClient({ url: 'http://127.0.0.1:1', token: undefined }, signal).submit({});
    await expect(submission).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('that nobody answers names where it went, and not the key', async () => {
    const address = { url: 'http://user:geheim@127.0.0.1:1', token: 'secret' };
    const refusal = new ServiceClient(address, signal).job('a');
    await expect(refusal).rejects.toMatchObject({
      code: 'SERVICE_UNREACHABLE',
      message: 'no dimgx service answers at http://127.0.0.1:1; see DIMGX_URL',
    });
  });

  test('is given up when the run is stopped', async () => {
    const controller = new AbortController();
    answers = [() => controller.abort(new Error('stopped'))];
    await expect(client(undefined, controller.signal).job('a')).rejects.toThrow('stopped');
  });
});

describe('waiting for a job', () => {
  const progress = { phase: 'flatten', bytes: 5, entries: 1 } as const;

  test('shows its progress and gives it when it is completed', async () => {
    answers = [
      json({ id: 'a', state: 'queued' }),
      json({ id: 'a', state: 'active', progress }),
      json({ id: 'a', state: 'completed', result: { some: 'result' } }),
    ];
    const shown: unknown[] = [];
    expect(await client().completed('a', (step) => shown.push(step))).toMatchObject({
      result: { some: 'result' },
    });
    expect(shown).toEqual([progress]);
  });

  test('follows its events where there are some, and asks again at their end', async () => {
    answers = [json({ id: 'a', state: 'queued' }), json({ id: 'a', state: 'completed' })];
    events = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.write('retry: 1000\n\nid: 1-0\nevent: state\ndata: {"state":"active"}\n\nevent: prog');
      response.write(`ress\ndata: ${JSON.stringify(progress)}\n\n: nothing\n\n`);
      response.end('event: state\ndata: {"state":"completed"}\n\n');
    };
    const shown: unknown[] = [];
    await client().completed('a', (step) => shown.push(step));
    expect(shown).toEqual([progress]);
    expect(requests.map(({ line }) => line)).toEqual(['GET /v1/jobs/a', 'GET /v1/jobs/a']);
  });

  test.each<[string, Answer]>([
    [
      'break off',
      (_request, response) => response.writeHead(200, eventStream).write('id: 1', () => response.destroy()),
    ],
    ['are none', (_request, response) => response.writeHead(200).end('event: progress\ndata: {}\n\n')],
    [
      'say what nobody understands',
      (_request, response) =>
        response.writeHead(200, eventStream).end('event: progress\ndata: {"phase":"cook"}\n\n'),
    ],
  ])('goes on by asking where its events %s', async (_what, answer) => {
    events = answer;
    answers = [
      json({ id: 'a', state: 'queued' }),
      json({ id: 'a', state: 'active' }),
      json({ id: 'a', state: 'completed' }),
    ];
    expect(await client().completed('a', () => {})).toMatchObject({ state: 'completed' });
  });

  test('throws its error when it has failed', async () => {
    answers = [json({ id: 'a', state: 'failed', error: { code: 'IMAGE_NOT_FOUND', message: 'no image x' } })];
    await expect(client().completed('a', () => {})).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: 'job a failed: no image x',
    });
  });

  test('says when it was cancelled', async () => {
    answers = [json({ id: 'a', state: 'cancelled' })];
    await expect(client().completed('a', () => {})).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('waiting for a job of a service', () => {
  const completed = json({ id: 'a', state: 'completed' });
  const active = json({ id: 'a', state: 'active' });

  test.each<[string, Answer[]]>([
    ['whose Redis is away for a while', [active, redisAway, redisAway, completed]],
    ['whose API is restarted', [active, (_request, response) => response.destroy(), completed]],
    ['whose proxy finds it away', [active, (_request, response) => response.writeHead(502).end(), completed]],
  ])('%s goes on', async (_of, given) => {
    answers = given;
    expect(await client().completed('a', () => {})).toMatchObject({ state: 'completed' });
  });

  test('whose Redis is away ends when it is stopped', async () => {
    const controller = new AbortController();
    answers = [
      (request, response) => {
        redisAway(request, response);
        if (requests.length === 2) controller.abort(new Error('stopped'));
      },
    ];
    await expect(client(undefined, controller.signal).completed('a', () => {})).rejects.toThrow('stopped');
  });
});

describe('a download', () => {
  const bytes = randomBytes(300_000);
  const sha256 = `sha256:${createHash('sha256').update(bytes).digest('hex')}` as const;
  const artifact = { size: bytes.length, sha256 } as FlattenReport['artifact'];

  const whole: Answer = (_request, response) => response.end(bytes);
  /** Breaks off in the middle of what it announced. */
  const broken: Answer = (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, 100_000), () => response.destroy());
  };
  const rest: Answer = (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
    response.writeHead(206).end(bytes.subarray(from));
  };

  async function fetched(path = join(folder, 'x')): Promise<void> {
    const target = await openTarget(path, { force: false, signal });
    await download({ client: client(), job: 'a', artifact, target, signal });
  }

  test('is there when all of it is right', async () => {
    answers = [whole];
    await fetched();
    expect(await readFile(join(folder, 'x'))).toEqual(bytes);
  });

  test('goes on where it broke off', async () => {
    answers = [broken, rest];
    await fetched();
    expect(await readFile(join(folder, 'x'))).toEqual(bytes);
    expect(requests[1]?.headers.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test.each<[string, Answer]>([
    ['of other bytes', (_request, response) => response.end(randomBytes(bytes.length))],
    ['of more bytes', (_request, response) => response.end(Buffer.concat([bytes, bytes]))],
  ])('%s leaves nothing', async (_of, answer) => {
    answers = [answer];
    await expect(fetched()).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(await readdir(folder)).toEqual([]);
  });

  test('of nothing, again and again, is given up', { timeout: 20_000 }, async () => {
    answers = [(_request, response) => response.end()];
    await expect(fetched()).rejects.toMatchObject({ code: 'SERVICE_UNREACHABLE' });
    expect(requests).toHaveLength(5);
    expect(await readdir(folder)).toEqual([]);
  });

  test('that is refused leaves nothing', async () => {
    answers = [json({ detail: 'gone', code: 'ARTIFACT_EXPIRED' }, 410)];
    await expect(fetched()).rejects.toMatchObject({ code: 'ARTIFACT_EXPIRED' });
    expect(await readdir(folder)).toEqual([]);
  });
});
