import { expect, test } from 'vitest';
import { expiryOf } from '../src/commands/key-options.ts';

const hour = 3600_000;

test.each([
  ['12h', 12 * hour],
  ['90d', 90 * 24 * hour],
  ['4w', 28 * 24 * hour],
])('%s is so long from now', (text, length) => {
  const before = Date.now();
  const left = Date.parse(expiryOf(text)) - before;
  expect(left).toBeGreaterThanOrEqual(length);
  expect(left).toBeLessThan(length + hour);
});

test.each([
  ['2099-01-31', '2099-01-31T00:00:00.000Z'],
  ['2099-01-31T12:00:00+02:00', '2099-01-31T10:00:00.000Z'],
])('%s is that time', (text, time) => {
  expect(expiryOf(text)).toBe(time);
});

test.each(['', '90', 'd', '1.5d', '-1d', '90m', 'tomorrow', '2099-13-01', '1'])('%j is none', (text) => {
  expect(() => expiryOf(text)).toThrow(/90d/);
});
