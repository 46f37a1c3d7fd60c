import { expect, test } from 'vitest';
import { Rate } from '../src/progress/rate.ts';

test('the rate is that of the last seconds, not of all time', () => {
  const rate = new Rate();
  rate.add(0, 0);
  rate.add(1000, 1_000_000);
  expect(rate.bytesPerSecond).toBe(1_000_000);
  for (let second = 2; second <= 20; second++) rate.add(second * 1000, 1_000_000 + (second - 1) * 100);
  expect(rate.bytesPerSecond).toBe(100);
});

test('one look gives no rate', () => {
  const rate = new Rate();
  expect(rate.bytesPerSecond).toBe(0);
  rate.add(5, 100);
  expect(rate.bytesPerSecond).toBe(0);
});

test('a new phase begins anew', () => {
  const rate = new Rate();
  rate.add(0, 0);
  rate.add(1000, 500);
  rate.restart();
  rate.add(2000, 0);
  expect(rate.bytesPerSecond).toBe(0);
});
