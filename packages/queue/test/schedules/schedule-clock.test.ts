import { expect, test } from 'vitest';
import { cronFault, isTimeZone, nextTimes } from '../../src/schedules/schedule-clock.ts';

const after = (cron: string, timezone: string, from: string, count: number): string[] =>
  nextTimes({ cron, timezone }, Date.parse(from), count).map((time) =>
    new Date(time).toISOString().slice(5, 16),
  );

test.each([
  [
    'by day in winter and summer',
    '0 3 * * *',
    '2026-03-28T00:00Z',
    ['03-28T02:00', '03-29T01:00', '03-30T01:00'],
  ],
  [
    'that is left out when clocks go forward is made up for an hour later, once',
    ...(['30 2 * * *', '2026-03-28T12:00Z', ['03-29T01:30', '03-30T00:30']] as const),
  ],
  [
    'that comes twice when they go back is the first',
    '30 2 * * *',
    '2026-10-24T12:00Z',
    ['10-25T00:30', '10-26T01:30'],
  ],
  ['between its two hours is past', '30 2 * * *', '2026-10-25T00:45Z', ['10-26T01:30']],
  [
    'each hour goes on when they go back',
    '0 * * * *',
    '2026-10-24T23:30Z',
    ['10-25T00:00', '10-25T01:00', '10-25T02:00'],
  ],
  [
    'each hour goes on when they go forward',
    '0 * * * *',
    '2026-03-29T00:30Z',
    ['03-29T01:00', '03-29T02:00'],
  ],
  ['on weekdays', '0 0 * * MON-FRI', '2026-11-27T12:00Z', ['11-29T23:00', '11-30T23:00']],
] as const)('a time %s (Berlin)', (_what, cron, from, times) => {
  expect(after(cron, 'Europe/Berlin', from, times.length)).toEqual(times);
});

test('other zones have other days of change', () => {
  expect(after('30 2 * * *', 'America/New_York', '2026-03-07T12:00Z', 2)).toEqual([
    '03-08T07:30',
    '03-09T06:30',
  ]);
  expect(after('30 2 * * *', 'UTC', '2026-03-28T12:00Z', 1)).toEqual(['03-29T02:30']);
});

test('a time that is now is past', () => {
  expect(after('30 2 * * *', 'UTC', '2026-03-28T02:30Z', 1)).toEqual(['03-29T02:30']);
});

test('intervals are counted from their anchor, and those that were missed are left out', () => {
  const every = { everySeconds: 60, timezone: 'UTC' };
  expect(nextTimes(every, 1000, 2)).toEqual([61_000, 121_000]);
  expect(nextTimes(every, 250_000, 2, 1000)).toEqual([301_000, 361_000]);
  expect(nextTimes(every, 301_000, 1, 1000)).toEqual([361_000]);
});

test.each([
  ['', /five fields/],
  ['@daily', /five fields/],
  ['0 0 0 * * *', /five fields/],
  ['H * * * *', /no H/],
  ['61 * * * *', /^has "61" as its minute: give values from 0 to 59;/],
  ['0 24 * * *', /^has "24" as its hour: give values from 0 to 23;/],
  ['0 0 0 * *', /^has "0" as its day of the month: give values from 1 to 31;/],
  ['0 0 1 13 *', /^has "13" as its month: give values from 1 to 12, or JAN to DEC;/],
  ['0 0 * * 8', /^has "8" as its day of the week: give values from 0 to 7, or SUN to SAT;/],
  ['0 0 * * dom', /^has "dom" as its day of the week: /],
  ['1,1 * * * *', /^has "1,1" as its minute: .*each once$/],
  ['0 5-1 * * *', /^has "5-1" as its hour: /],
  ['a b c d e', /^has "a" as its minute: /],
  ['0 0 31 2 *', /^is never: none of its months has such a day$/],
  ['0 0 31 4,6 *', /^is never: /],
])('%j is no cron expression', (cron, fault) => {
  expect(cronFault(cron)).toMatch(fault);
});

test.each(['*/5 * * * *', '0 0 * * 7', '0 9-17/2 1,15 JAN-MAR THU', '0 0 L * *'])('%j is one', (cron) => {
  expect(cronFault(cron)).toBeUndefined();
});

test('a time zone is one that the system knows', () => {
  expect(['UTC', 'Europe/Berlin', 'Mars/X', ''].map(isTimeZone)).toEqual([true, true, false, false]);
});
