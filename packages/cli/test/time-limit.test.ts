import { expect, test, vi } from 'vitest';
import { TimeLimit } from '../src/time-limit.ts';

test('a run whose time is up is told so, and which option gives more', () => {
  vi.useFakeTimers();
  using time = new TimeLimit(5, new AbortController().signal);
  vi.advanceTimersByTime(4999);
  expect(time.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(time.signal.reason).toMatchObject({
    code: 'TIMED_OUT',
    message: 'not done within 5 seconds; --timeout or DIMGX_TIMEOUT gives more',
  });
  vi.useRealTimers();
});

test('a run that is interrupted before keeps that reason', () => {
  const run = new AbortController();
  using time = new TimeLimit(5, run.signal);
  run.abort('enough');
  expect(time.signal.reason).toBe('enough');
});

test('a run that is done leaves no timer', () => {
  vi.useFakeTimers();
  {
    using _time = new TimeLimit(5, new AbortController().signal);
    expect(vi.getTimerCount()).toBe(1);
  }
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});
