import { expect, test } from 'vitest';
import { nextWait, standardSchedule } from '../../src/callbacks/retry-schedule.ts';

const now = Date.parse('2026-11-24T12:00:00Z');
const hour = 60 * 60 * 1000;

test('the first attempt is made at once, and the last after three days', () => {
  expect(standardSchedule[0]).toBe(0);
  const sum = standardSchedule.reduce((all, each) => all + each);
  expect(sum / hour).toBeGreaterThan(72);
  expect(sum / hour).toBeLessThan(80);
});

test.each(standardSchedule.slice(1).map((wait, index) => [index + 1, wait] as const))(
  'after attempt %i comes a wait of %i ms, or a little more',
  (tries, wait) => {
    const chosen = nextWait(standardSchedule, tries, undefined, now) ?? 0;
    expect(chosen).toBeGreaterThanOrEqual(wait);
    expect(chosen).toBeLessThanOrEqual(wait * 1.1);
  },
);

test('after the last one comes none', () => {
  expect(nextWait(standardSchedule, standardSchedule.length, '5', now)).toBeUndefined();
});

test.each([
  ['seconds', '30', 30_000],
  ['a date', 'Tue, 24 Nov 2026 12:01:00 GMT', 60_000],
  ['less than we would wait', '0', 100],
  ['a date that is over', 'Tue, 24 Nov 2020 12:01:00 GMT', 100],
  ['more than a day', '999999', 24 * hour],
  ['nothing that can be read', 'soon', 100],
  ['a negative number', '-5', 100],
])('a receiver that wishes %s waits so', (_wish, retryAfter, wait) => {
  const chosen = nextWait([0, 100], 1, retryAfter, now) ?? 0;
  expect(chosen).toBeGreaterThanOrEqual(wait);
  expect(chosen).toBeLessThanOrEqual(wait * 1.1);
});
