import type { LogLine } from '@dimgx/queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId } from './api-fixture.ts';

const url = `/v1/jobs/${knownId}/logs`;
const at = '2026-11-24T00:00:00.000Z';
const lines: LogLine[] = [
  { id: '1-0', at, level: 'info', message: 'queued' },
  { id: '2-0', at, level: 'info', attempt: 1, phase: 'fetch', message: 'a' },
  { id: '3-0', at, level: 'warn', attempt: 1, phase: 'plan', message: 'b' },
];

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
  fixture.queue.jobs.set(knownId, jobOf({}));
  fixture.queue.lines.push(...lines);
});
afterAll(() => fixture.close());

test.each([
  ['all', '', { items: lines }],
  ['those of a phase', '?phase=plan', { items: lines.slice(2) }],
  ['a page', '?limit=2', { items: lines.slice(0, 2), nextCursor: '2-0' }],
  ['what comes after a line', '?cursor=2-0', { items: lines.slice(2) }],
  ['nothing after the last', '?cursor=3-0', { items: [] }],
])('lines: %s', async (_which, query, body) => {
  const response = await fixture.app.inject(url + query);
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual(body);
});

test.each([
  ['a phase that there is not', `${url}?phase=cook`, 400, 'REQUEST_INVALID'],
  ['a cursor that is none', `${url}?cursor=x`, 400, 'REQUEST_INVALID'],
  ['too many', `${url}?limit=1001`, 400, 'REQUEST_INVALID'],
  ['no job', '/v1/jobs/5/logs', 404, 'JOB_NOT_FOUND'],
])('refused: %s', async (_situation, path, status, code) => {
  const response = await fixture.app.inject(path);
  expect(response.statusCode).toBe(status);
  expect(response.json()).toMatchObject({ code });
});
