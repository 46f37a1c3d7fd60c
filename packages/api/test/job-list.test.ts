import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture, jobOf, knownId, otherId } from './api-fixture.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
beforeEach(() => {
  fixture.queue.listed.length = 0;
  fixture.queue.next = undefined;
});
afterAll(() => fixture.close());

test('without a query: the newest, without their results', async () => {
  const { result: _, ...listed } = jobOf({ state: 'completed' });
  fixture.queue.jobs.set(knownId, {
    ...listed,
    result: { image: { reference: 'a', digest: 'b' }, layers: [] },
  });
  const response = await fixture.app.inject('/v1/jobs');
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({ items: [listed] });
  expect(fixture.queue.listed).toEqual([{ filter: { labels: [] }, limit: 50, before: undefined }]);
});

test('with everything', async () => {
  fixture.queue.next = otherId;
  const query = `state=failed&image=debian:12&label=team%3Da&label=why%3Da%3Db&batch=b&schedule=s&trigger=t&limit=7&cursor=${knownId}`;
  const response = await fixture.app.inject(`/v1/jobs?${query}`);
  expect(response.json()).toMatchObject({ nextCursor: otherId });
  const labels = [
    { name: 'team', value: 'a' },
    { name: 'why', value: 'a=b' },
  ];
  expect(fixture.queue.listed).toEqual([
    {
      filter: { state: 'failed', image: 'debian:12', labels, batch: 'b', schedule: 's', trigger: 't' },
      limit: 7,
      before: knownId,
    },
  ]);
});

test.each([
  ['a state that there is not', 'state=done', /^state must be queued, active, /],
  ['a label without a value', 'label=team', /^label .*NAME=VALUE/],
  ['more than 500', 'limit=501', /^limit must be 500 at the most$/],
  ['none at all', 'limit=0', /^limit must be 1 at least$/],
  ['a cursor that is none', 'cursor=5', /cursor: must be the nextCursor/],
  ['a word that means nothing', 'colour=red', /^colour is no field/],
  ['two states', 'state=queued&state=active', /^state must be /],
])('refused: %s', async (_situation, query, detail) => {
  const response = await fixture.app.inject(`/v1/jobs?${query}`);
  expect(response.statusCode).toBe(400);
  expect(response.json()).toMatchObject({ code: 'REQUEST_INVALID', detail: expect.stringMatching(detail) });
});
