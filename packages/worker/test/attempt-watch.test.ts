import { DimgxError } from '@dimgx/core';
import { type Standing, serviceLog } from '@dimgx/queue';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AttemptWatch } from '../src/attempt-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watch over one attempt at job `a`; what is heard and how the attempt stands is the test's. */
class Watched {
  standing: Standing | DimgxError = 'held';
  looks = 0;
  readonly lost: DimgxError[] = [];
  readonly hear: (id: string) => void;
  readonly stop: () => void;

  constructor() {
    let heard: (id: string) => void = () => {};
    const watch = new AttemptWatch({
      records: {
        standing: async () => {
          this.looks += 1;
          if (this.standing instanceof DimgxError) throw this.standing;
          return this.standing;
        },
      },
      subscriptions: {
        listen: (_channel, listener) => {
          heard = listener;
          return () => {};
        },
      },
      interval: 1000,
      log: serviceLog('test', 'fatal'),
    });
    this.stop = watch.watch('a', 'attempt', (reason) => this.lost.push(reason));
    this.hear = (id) => heard(id);
  }

  get codes(): string[] {
    return this.lost.map(({ code }) => code);
  }
}

test('a job that is cancelled is told of at once, and once', async () => {
  const watched = new Watched();
  watched.standing = 'cancelled';
  watched.hear('a');
  watched.hear('a');
  await vi.advanceTimersByTimeAsync(0);
  expect(watched.codes).toEqual(['CANCELLED']);
  await vi.advanceTimersByTimeAsync(5000);
  expect(watched.codes).toEqual(['CANCELLED']);
});

test('one of which nothing is heard is told of within the interval', async () => {
  const watched = new Watched();
  watched.standing = 'cancelled';
  await vi.advanceTimersByTimeAsync(999);
  expect(watched.codes).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(watched.codes).toEqual(['CANCELLED']);
});

test('a job that another attempt has is lost', async () => {
  const watched = new Watched();
  watched.standing = 'lost';
  await vi.advanceTimersByTimeAsync(1000);
  expect(watched.codes).toEqual(['WORKER_LOST']);
});

test('word of another job, or one that is not true, changes nothing', async () => {
  const watched = new Watched();
  watched.hear('b');
  expect(watched.looks).toBe(0);
  watched.hear('a');
  await vi.advanceTimersByTimeAsync(0);
  expect(watched.looks).toBe(1);
  expect(watched.codes).toEqual([]);
});

test('a Redis that is away is asked again', async () => {
  const watched = new Watched();
  watched.standing = new DimgxError('REDIS_UNREACHABLE', 'away');
  await vi.advanceTimersByTimeAsync(3000);
  expect(watched.codes).toEqual([]);
  watched.standing = 'cancelled';
  await vi.advanceTimersByTimeAsync(1000);
  expect(watched.codes).toEqual(['CANCELLED']);
});

test('an attempt that has ended is not looked after any more', async () => {
  const watched = new Watched();
  watched.stop();
  watched.standing = 'lost';
  watched.hear('a');
  await vi.advanceTimersByTimeAsync(5000);
  expect(watched.looks).toBe(0);
  expect(watched.codes).toEqual([]);
});
