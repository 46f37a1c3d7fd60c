import type { Job, JobState } from '@dimgx/queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId, otherId } from './api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
afterAll(() => fixture.close());

function cancel(state: JobState) {
  fixture.queue.jobs.set(knownId, jobOf({ state }));
  return fixture.app.inject({ method: 'DELETE', url: `/v1/jobs/${knownId}` });
}

test.each([
  ['queued', 202],
  ['active', 202],
  ['cancelled', 200],
] as const)('a job that is %s is cancelled afterwards', async (state, status) => {
  const response = await cancel(state);
  expect(response.statusCode).toBe(status);
  expect(response.json<Job>()).toMatchObject({ id: knownId, state: 'cancelled' });
});

test.each(['completed', 'failed'] as const)('a job that has %s can not be', async (state) => {
  const response = await cancel(state);
  expect(response.statusCode).toBe(409);
  expect(response.json()).toMatchObject({ code: 'JOB_FINISHED' });
  expect(fixture.queue.jobs.get(knownId)?.state).toBe(state);
});

test.each(['completed', 'failed', 'cancelled'] as const)('a job that is %s is done again', async (state) => {
  fixture.queue.jobs.set(knownId, jobOf({ state }));
  const response = await fixture.app.inject({
    method: 'POST',
    url: `/v1/jobs/${knownId}/retry`,
    headers: { 'idempotency-key': 'k' },
  });
  expect(response.statusCode).toBe(202);
  expect(response.headers.location).toBe(`/v1/jobs/${otherId}`);
  expect(response.json()).toMatchObject({ id: otherId, state: 'queued', retryOf: knownId });
  expect(fixture.queue.submitted.at(-1)?.idempotency?.owner).toMatch(/^[0-9a-f]{64}$/);
});

test.each(['queued', 'active'] as const)('a job that is %s is not done twice', async (state) => {
  fixture.queue.jobs.set(knownId, jobOf({ state }));
  const response = await fixture.app.inject({ method: 'POST', url: `/v1/jobs/${knownId}/retry` });
  expect(response.statusCode).toBe(409);
  expect(response.json()).toMatchObject({ code: 'JOB_NOT_FINISHED' });
});
