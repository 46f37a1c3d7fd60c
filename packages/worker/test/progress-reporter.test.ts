import type { Progress } from '@dimgx/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProgressReporter } from '../src/progress-reporter.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const flatten = (bytes: number, entries = 0): Progress => ({ phase: 'flatten', bytes, entries });

/** Writes that end when told to. */
class Writes {
  readonly written: Progress[] = [];
  readonly #pending: (() => void)[] = [];
  readonly write = (progress: Progress): Promise<void> => {
    this.written.push(progress);
    return new Promise((resolve) => this.#pending.push(resolve));
  };

  async endOne(): Promise<void> {
    this.#pending.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  }
}

test('the first is written at once, of the next ones the last, after the interval', async () => {
  const writes = new Writes();
  const reporter = new ProgressReporter(writes.write, 500);
  reporter.report(flatten(1));
  await writes.endOne();
  reporter.report(flatten(2));
  reporter.report(flatten(3));
  await vi.advanceTimersByTimeAsync(499);
  expect(writes.written).toEqual([flatten(1)]);
  await vi.advanceTimersByTimeAsync(1);
  expect(writes.written).toEqual([flatten(1), flatten(3)]);
});

test('while a write takes long there is no second one, and the latest comes after it', async () => {
  const writes = new Writes();
  const reporter = new ProgressReporter(writes.write, 500);
  reporter.report(flatten(1));
  reporter.report(flatten(2));
  await vi.advanceTimersByTimeAsync(5000);
  reporter.report(flatten(3));
  expect(writes.written).toEqual([flatten(1)]);
  await writes.endOne();
  expect(writes.written).toEqual([flatten(1), flatten(3)]);
});

test('nothing new, nothing written', async () => {
  const writes = new Writes();
  const reporter = new ProgressReporter(writes.write, 500);
  reporter.report(flatten(1));
  await writes.endOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(writes.written).toHaveLength(1);
});

test.each([
  ['fewer bytes', flatten(1, 5)],
  ['fewer entries', flatten(5, 1)],
  ['an earlier phase', { phase: 'fetch', bytes: 100, entries: 100 } as const],
])('it never goes back: %s', (_situation, behind) => {
  const reporter = new ProgressReporter(async () => {}, 500);
  reporter.report(flatten(5, 5));
  reporter.report(behind);
  expect(reporter.latest).toEqual(flatten(5, 5));
});

test('a later phase begins at nothing', () => {
  const reporter = new ProgressReporter(async () => {}, 500);
  reporter.report({ phase: 'fetch', bytes: 100, entries: 0 });
  reporter.report(flatten(0));
  expect(reporter.latest).toEqual(flatten(0));
});

test('once closed it writes nothing, and is closed when the last write has ended', async () => {
  const writes = new Writes();
  const reporter = new ProgressReporter(writes.write, 500);
  reporter.report(flatten(1));
  reporter.report(flatten(2));
  let isClosed = false;
  const closing = reporter.close().then(() => {
    isClosed = true;
  });
  await vi.advanceTimersByTimeAsync(5000);
  expect(isClosed).toBe(false);
  await writes.endOne();
  await closing;
  reporter.report(flatten(3));
  await vi.advanceTimersByTimeAsync(5000);
  expect(writes.written).toEqual([flatten(1)]);
});
