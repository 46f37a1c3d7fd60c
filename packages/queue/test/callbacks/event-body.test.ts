import { expect, test } from 'vitest';
import type { CallbackDelivery } from '../../src/callbacks/callback-delivery.ts';
import { eventBody, jobEvent } from '../../src/callbacks/event-body.ts';
import type { Job } from '../../src/job-record.ts';
import { jobRequestSchema } from '../../src/job-request.ts';

const callback = { url: 'https://example.org/hook?run=7' };
const finishedAt = '2026-11-24T01:00:00.000Z';
const createdAt = '2026-11-24T01:00:01.000Z';
const job: Job = {
  ...{ id: 'j', kind: 'inspect', state: 'completed', attempts: 1, createdAt: finishedAt, finishedAt },
  request: jobRequestSchema.parse({ image: 'debian:12', kind: 'inspect', callback, passthrough: { run: 7 } }),
  progress: { phase: 'resolve', bytes: 0, entries: 0 },
};
const delivery: CallbackDelivery = {
  ...{ id: 'd', endpoint: 'e', type: 'job.completed', job: 'j', state: 'pending', attempts: [], createdAt },
};

test('a finished job with a callback has something to tell', () => {
  expect(jobEvent(job)).toEqual({ type: 'job.completed', url: callback.url, job: 'j' });
});

const silent: [situation: string, job: Job | undefined][] = [
  ['no job', undefined],
  ['a job without a callback', { ...job, request: jobRequestSchema.parse({ image: 'debian:12' }) }],
  ['a job that waits', { ...job, state: 'queued' }],
  ['a job that is being worked on', { ...job, state: 'active' }],
];
test.each(silent)('%s has not', (_situation, without) => expect(jobEvent(without)).toBeUndefined());

test('the body is the event, its time and the job as it is shown', () => {
  expect(JSON.parse(eventBody(delivery, job))).toEqual({
    type: 'job.completed',
    timestamp: finishedAt,
    data: job,
  });
});

test('a result that is too long is left to be asked for', () => {
  const image = { reference: 'x'.repeat(300_000), digest: 'sha256:0' };
  const { data } = JSON.parse(eventBody(delivery, { ...job, result: { image, layers: [] } }));
  expect(data).toEqual(job);
});

test('a ping names the endpoint', () => {
  const { job: _, ...ping } = delivery;
  expect(JSON.parse(eventBody({ ...ping, type: 'callback.ping' }, undefined))).toEqual({
    type: 'callback.ping',
    timestamp: createdAt,
    data: { endpoint: 'e' },
  });
});
