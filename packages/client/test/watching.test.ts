import { describe, expect, test } from 'vitest';
import type { JobEvent, Progress } from '../src/index.ts';
import {
  type Answer,
  eventStream,
  fakeService,
  json,
  lost,
  progressEvent,
  redisAway,
  refused,
  stateEvent,
} from './fake-service.ts';

const service = fakeService();
const progress = { phase: 'flatten', bytes: 5, entries: 1 } as const;
const queued = json({ id: 'a', state: 'queued', progress: { phase: 'resolve', bytes: 0, entries: 0 } });
const active = json({ id: 'a', state: 'active', progress });
const completed = json({ id: 'a', state: 'completed', result: { some: 'result' } });

describe('waiting for a job', () => {
  test('shows its progress and gives it when it is completed', async () => {
    service.answers = [queued, active, completed];
    const shown: Progress[] = [];
    const job = await service.client().jobs.wait('a', { onProgress: (step) => shown.push(step) });
    expect(job).toMatchObject({ result: { some: 'result' } });
    expect(shown).toMatchObject([{ phase: 'resolve' }, progress]);
  });

  test('follows its events where there are some, and asks again at their end', async () => {
    service.answers = [queued, completed];
    const [begin, end] = [progressEvent(progress).slice(0, 12), progressEvent(progress).slice(12)];
    const heartbeat = 'event: heartbeat\ndata: {"at":"2026-11-24T00:00:00.000Z"}\n\n';
    service.events = [
      eventStream(
        'retry: 1000\n\n',
        stateEvent('1-0', 'active'),
        begin,
        `${end}: nothing\n\n`,
        heartbeat,
        stateEvent('1-1', 'completed'),
      ),
    ];
    const shown: Progress[] = [];
    await service.client().jobs.wait('a', { onProgress: (step) => shown.push(step) });
    expect(shown.slice(1)).toEqual([progress]);
    expect(service.requests.map(({ line }) => line)).toEqual(['GET /v1/jobs/a', 'GET /v1/jobs/a']);
  });

  test('tells once of each attempt after which the job is queued again', async () => {
    service.answers = [queued, active, completed];
    const error = { code: 'PULL_FAILED', message: 'no route; try 2 of 3 is due within 5 s' };
    const again = stateEvent('1-2', 'queued', { error });
    service.events = [
      eventStream(stateEvent('1-0', 'queued'), stateEvent('1-1', 'active'), again),
      eventStream(again, stateEvent('1-3', 'completed')),
    ];
    const told: unknown[] = [];
    await service.client().jobs.wait('a', { onQueuedAgain: (event) => told.push(event) });
    expect(told).toMatchObject([{ id: '1-2', state: 'queued', error }]);
  });

  test.each<[string, Answer]>([
    [
      'break off',
      (_request, response) =>
        response
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .write('id: 1', () => response.destroy()),
    ],
    ['end before it does', eventStream(stateEvent('1-0', 'active'))],
    ['are none', (_request, response) => response.writeHead(200).end(progressEvent(progress))],
    [
      'say what nobody understands',
      eventStream('event: progress\ndata: {"phase":\n\n', 'event: news\ndata: {}\n\n'),
    ],
    ['are refused', refused(503, 'TOO_MANY_STREAMS')],
  ])('goes on by asking where its events %s', async (_what, answer) => {
    service.events = [answer];
    service.answers = [queued, active, completed];
    expect(await service.client().jobs.wait('a')).toMatchObject({ state: 'completed' });
  });

  test('throws its error when it has failed', async () => {
    const error = { code: 'DOCKER_FAILED', message: 'no image x', retryable: false };
    service.answers = [json({ id: 'a', state: 'failed', error })];
    await expect(service.client().jobs.wait('a')).rejects.toMatchObject({
      ...{ code: 'DOCKER_FAILED', message: 'job a failed: no image x', retryable: false },
      job: { id: 'a', error },
    });
  });

  test('says when it was cancelled', async () => {
    service.answers = [json({ id: 'a', state: 'cancelled' })];
    await expect(service.client().jobs.wait('a')).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('throws what its listener throws', async () => {
    service.answers = [queued];
    service.events = [eventStream(progressEvent(progress), stateEvent('1-1', 'completed'))];
    const onProgress = ({ phase }: Progress) => {
      if (phase === 'flatten') throw new Error('enough');
    };
    await expect(service.client().jobs.wait('a', { onProgress })).rejects.toThrow('enough');
  });
});

describe('waiting for a job of a service', () => {
  test.each<[string, Answer[]]>([
    ['whose Redis is away for a while', [active, redisAway, redisAway, completed]],
    ['whose API is restarted', [active, lost, completed]],
    ['whose proxy finds it away', [active, (_request, response) => response.writeHead(502).end(), completed]],
  ])('%s goes on', async (_of, answers) => {
    service.answers = answers;
    const { jobs } = service.client({ patienceMs: 0 });
    expect(await jobs.wait('a')).toMatchObject({ state: 'completed' });
  });

  test('whose Redis is away ends when it is stopped', async () => {
    const controller = new AbortController();
    service.answers = [
      (request, response) => {
        redisAway(request, response);
        if (service.requests.length === 2) controller.abort(new Error('stopped'));
      },
    ];
    const { signal } = controller;
    await expect(service.client().jobs.wait('a', { signal })).rejects.toThrow('stopped');
  });
});

describe('the events of a job', () => {
  async function told(lastEventId?: string): Promise<JobEvent[]> {
    const events: JobEvent[] = [];
    for await (const event of service.client().jobs.events('a', { lastEventId })) events.push(event);
    return events;
  }

  test('are its states and its progress until it has ended', async () => {
    service.events = [
      eventStream(
        stateEvent('1-0', 'active'),
        progressEvent(progress),
        stateEvent('1-1', 'failed'),
        stateEvent('1-2', 'queued'),
      ),
    ];
    expect(await told()).toEqual([
      { type: 'state', id: '1-0', at: '2026-11-24T00:00:00.000Z', state: 'active' },
      { type: 'progress', ...progress },
      expect.objectContaining({ state: 'failed' }),
    ]);
  });

  test('go on behind the last state where the connection was lost', async () => {
    service.events = [
      eventStream(stateEvent('1-0', 'active'), 'event: progress\ndata: {'),
      lost,
      eventStream(stateEvent('1-1', 'completed')),
    ];
    expect((await told()).map((event) => event.type === 'state' && event.id)).toEqual(['1-0', '1-1']);
    const known = service.eventRequests.map(({ headers }) => headers['last-event-id']);
    expect(known).toEqual([undefined, '1-0', '1-0']);
  });

  test('are none for who knows the last one', async () => {
    service.events = [(_request, response) => response.writeHead(204).end()];
    expect(await told('1-1')).toEqual([]);
    expect(service.eventRequests[0]?.headers['last-event-id']).toBe('1-1');
  });

  test('are waited for while the service has too many readers', async () => {
    service.events = [refused(503, 'TOO_MANY_STREAMS'), eventStream(stateEvent('1-1', 'completed'))];
    expect(await told()).toHaveLength(1);
  });

  test.each<[string, Answer, string]>([
    ['of a job that there is not', refused(404, 'JOB_NOT_FOUND'), 'JOB_NOT_FOUND'],
    ['that are none', json({}), 'INTERNAL'],
  ])('%s throw', async (_of, answer, code) => {
    service.events = [answer];
    await expect(told()).rejects.toMatchObject({ code });
  });

  test.each(['leaves', 'stops'])('end with their connection when their reader %s', async (how) => {
    const controller = new AbortController();
    const gone = Promise.withResolvers<void>();
    service.events = [
      (_request, response) => {
        response.on('close', gone.resolve);
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(stateEvent('1-0', 'active'));
      },
    ];
    const events = service.client().jobs.events('a', { signal: controller.signal });
    await events.next();
    if (how === 'leaves') await events.return();
    else {
      controller.abort(new Error('stopped'));
      await expect(events.next()).rejects.toThrow('stopped');
    }
    await gone.promise;
  });
});

describe('the log of a job', () => {
  const line = (id: string) => ({ id, at: '', level: 'info', message: id });

  test('is followed to its end, each line once', async () => {
    service.answers = [
      ...[active, json({ items: [line('1'), line('2')], nextCursor: '2' }), json({ items: [] })],
      ...[completed, redisAway, json({ items: [line('3')] })],
    ];
    const seen: string[] = [];
    for await (const { id } of service.client().jobs.followLogs('a')) seen.push(id);
    expect(seen).toEqual(['1', '2', '3']);
    expect(service.requests.map(({ line }) => line)).toEqual([
      ...['GET /v1/jobs/a', 'GET /v1/jobs/a/logs', 'GET /v1/jobs/a/logs?cursor=2'],
      ...['GET /v1/jobs/a', 'GET /v1/jobs/a/logs?cursor=2', 'GET /v1/jobs/a/logs?cursor=2'],
    ]);
  });
});

test('waiting for a batch shows how it stands, until its last job has ended', async () => {
  const batch = { id: 'b', state: 'running', counts: { queued: 1 } };
  service.answers = [json(batch), redisAway, json({ ...batch, finishedAt: 'now' })];
  const shown: unknown[] = [];
  const ended = await service.client().batches.wait('b', { onProgress: (each) => shown.push(each) });
  expect(ended).toMatchObject({ finishedAt: 'now' });
  expect(shown).toEqual([batch, ended]);
});
