import { expect, test } from 'vitest';
import { addressOf, placeOf } from '../src/place.ts';

test.each([
  ['', 'jobs', undefined, {}],
  ['#/', 'jobs', undefined, {}],
  ['#/workers', 'workers', undefined, {}],
  ['#/jobs/100%', 'jobs', '100%', {}],
  ['#/schedules/nightly%20run', 'schedules', 'nightly run', {}],
  ['#/jobs?state=failed&image=debian%3A12', 'jobs', undefined, { state: 'failed', image: 'debian:12' }],
])('%j leads to %s', (hash, room, id, query) => {
  const place = placeOf(hash);
  expect({ ...place, query: Object.fromEntries(place.query) }).toEqual({ room, id, query });
});

test('an address leads back to where it was made for, without what has no value', () => {
  const address = addressOf('jobs', 'a/b', { state: 'failed', image: '', label: undefined });
  expect(address).toBe('#/jobs/a%2Fb?state=failed');
  expect(placeOf(address)).toMatchObject({ room: 'jobs', id: 'a/b' });
});
