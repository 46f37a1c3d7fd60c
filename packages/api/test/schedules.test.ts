import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';
import { run } from './fake-schedules.ts';

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture();
});
beforeEach(() => {
  fixture.schedules.known.clear();
  fixture.callbacks.asked.length = 0;
});
afterAll(() => fixture.close());

const ask = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path = '', payload?: object) =>
  fixture.app.inject({ method, url: `/v1/schedules${path}`, ...(payload && { payload }) });

const nightly = { cron: '30 2 * * *', timezone: 'Europe/Berlin', job: { image: 'app:1' } };

test('a schedule is made, changed, shown, listed and deleted', async () => {
  const made = await ask('PUT', '/nightly', nightly);
  expect([made.statusCode, made.json().overlap, made.json().paused]).toEqual([201, 'skip', false]);
  const changed = await ask('PUT', '/nightly', { everySeconds: 60, batch: { images: ['app:1', 'app:2'] } });
  expect([changed.statusCode, changed.json().everySeconds]).toEqual([200, 60]);
  expect((await ask('GET', '/nightly')).json()).toEqual({ schedule: changed.json(), runs: [run] });
  expect((await ask('GET')).json()).toEqual({ items: [changed.json()] });
  expect((await ask('DELETE', '/nightly')).statusCode).toBe(204);
  expect((await ask('GET')).json()).toEqual({ items: [] });
});

test('it is paused, resumed and run by hand', async () => {
  await ask('PUT', '/nightly', nightly);
  expect((await ask('POST', '/nightly/pause')).json()).toMatchObject({ id: 'nightly', paused: true });
  expect((await ask('POST', '/nightly/resume')).json()).toMatchObject({ id: 'nightly', paused: false });
  expect((await ask('POST', '/nightly/run')).json()).toEqual(run);
  const url = '/v1/schedules/nightly/run';
  await fixture.app.inject({ method: 'POST', url, headers: { 'idempotency-key': 'k' } });
  const owner = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(fixture.schedules.ran).toEqual([undefined, expect.objectContaining({ owner })]);
});

test('its callbacks are registered, those of a batch too', async () => {
  const callback = { url: 'https://ci.example.org/dimgx' };
  await ask('PUT', '/one', { ...nightly, job: { image: 'app:1', callback } });
  await ask('PUT', '/many', { cron: '0 0 * * *', batch: { images: ['app:1'], callback } });
  expect(fixture.callbacks.asked).toEqual([callback.url, callback.url]);
});

test.each([
  ['no time', { job: { image: 'a' } }, 400, 'REQUEST_INVALID', /either cron or everySeconds/],
  ['two times', { ...nightly, everySeconds: 60 }, 400, 'REQUEST_INVALID', /either cron or everySeconds/],
  ['nothing to make', { cron: '0 0 * * *' }, 400, 'REQUEST_INVALID', /either job or batch/],
  [
    'a cron that is none',
    { ...nightly, cron: '61 * * * *' },
    400,
    'REQUEST_INVALID',
    /^cron has "61" as its minute: .*0 to 59/,
  ],
  ['seconds in its cron', { ...nightly, cron: '0 0 0 * * *' }, 400, 'REQUEST_INVALID', /^cron .*five fields/],
  [
    'a zone that is none',
    { ...nightly, timezone: 'Mars/X' },
    400,
    'REQUEST_INVALID',
    /^timezone .*Europe\/Berlin/,
  ],
  ['an image of a registry', { ...nightly, job: { image: 'docker://a' } }, 400, 'SOURCE_UNSUPPORTED', /./],
  ['an image that is refused', { ...nightly, job: { image: 'oci:/etc' } }, 403, 'SOURCE_REFUSED', /./],
  [
    'a batch with an item at fault',
    { cron: '0 0 * * *', batch: { images: ['app:1', 'UPPER'] } },
    ...([400, 'REFERENCE_INVALID', /^batch\.images\.1: /] as const),
  ],
])('one with %s is refused', async (_what, body, status, code, detail) => {
  const response = await ask('PUT', '/nightly', body);
  expect(response.json()).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
  expect(fixture.schedules.known.size).toBe(0);
});

test.each([
  ['GET', '/nightly'],
  ['DELETE', '/nightly'],
  ['POST', '/nightly/run'],
  ['POST', '/nightly/pause'],
  ['POST', '/nightly/resume'],
] as const)('%s %s tells that it is not there', async (method, path) => {
  expect((await ask(method, path)).json()).toMatchObject({ status: 404, code: 'SCHEDULE_NOT_FOUND' });
});
