import { once } from 'node:events';
import type { JobEvent, StateChange } from '@dimgx/queue';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId } from './api-fixture.ts';

const path = `/v1/jobs/${knownId}/events`;
const at = '2026-11-24T00:00:00.000Z';
const queued: StateChange = { id: '1-0', at, state: 'queued' };

let fixture: ApiFixture;
beforeEach(async () => {
  fixture = await apiFixture();
  fixture.queue.jobs.set(knownId, jobOf({}));
});
afterEach(() => fixture.close());

/** Tells that the job is queued, and no more for as long as it is listened to. */
async function* waiting(signal: AbortSignal): AsyncGenerator<JobEvent> {
  yield { kind: 'state', change: queued };
  if (!signal.aborted) await once(signal, 'abort');
}

test('events are sent as they are, and the answer ends with them', async () => {
  fixture.queue.events = async function* () {
    yield { kind: 'state', change: queued };
    yield { kind: 'progress', progress: { phase: 'fetch', bytes: 5, entries: 0 } };
    yield { kind: 'heartbeat', at };
  };
  const response = await fixture.app.inject(path);
  expect(response.statusCode).toBe(200);
  expect(response.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
  });
  expect(response.body).toBe(
    [
      'retry: 1000',
      `id: 1-0\nevent: state\ndata: ${JSON.stringify(queued)}`,
      'event: progress\ndata: {"phase":"fetch","bytes":5,"entries":0}',
      `event: heartbeat\ndata: {"at":"${at}"}`,
      '',
    ].join('\n\n'),
  );
});

test.each([
  ['the name of an event', '12-3', '12-3'],
  ['nothing', '', undefined],
  ['what is no name', 'x', undefined],
])('a reader that comes again with %s goes on after that', async (_what, last, expected) => {
  const asked: (string | undefined)[] = [];
  fixture.queue.events = (after) => {
    asked.push(after);
    return waiting(AbortSignal.abort());
  };
  await fixture.app.inject({ url: path, headers: { 'last-event-id': last } });
  expect(asked).toEqual([expected]);
});

test('a reader that knows all is told not to come again', async () => {
  const response = await fixture.app.inject(path);
  expect(response.statusCode).toBe(204);
});

test('an unknown job has no events', async () => {
  fixture.queue.jobs.clear();
  const response = await fixture.app.inject(path);
  expect(response.statusCode).toBe(404);
  expect(response.headers['content-type']).toMatch('application/problem+json');
});

test('so many streams and no more; one that ends makes room, and all end with the service', async () => {
  fixture.queue.events = (_after, signal) => waiting(signal);
  const url = (await fixture.app.listen({ port: 0, host: '127.0.0.1' })) + path;
  const leave = new AbortController();
  const streams = await Promise.all([fetch(url, { signal: leave.signal }), fetch(url), fetch(url)]);
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200]);
  const refused = await fetch(url);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' });
  leave.abort();
  let another: Response;
  do another = await fetch(url);
  while (another.status === 503);
  const closing = fixture.app.close();
  expect(await another.text()).toContain('"state":"queued"');
  // What the clients keep for later.
  fixture.app.server.closeAllConnections();
  await closing;
});
