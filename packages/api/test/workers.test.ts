import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiFixture, apiFixture } from './api-fixture.ts';
import { FakeFleet } from './fake-fleet.ts';

const fleet = new FakeFleet();

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await apiFixture({ fleet });
});
afterAll(() => fixture.close());

test('the workers are listed as they tell of themselves', async () => {
  const response = await fixture.app.inject('/v1/workers');
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual({ items: [fleet.worker] });
});

test('counts are given by state and by pool', async () => {
  const response = await fixture.app.inject('/v1/stats');
  expect(response.statusCode).toBe(200);
  expect(response.json()).toEqual(await fleet.stats());
});
