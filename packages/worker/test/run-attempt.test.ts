import { DimgxError, type ErrorCode } from '@dimgx/core';
import { DelayedError, UnrecoverableError } from 'bullmq';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/attempt.ts';
import { AttemptRun, outage, result } from './attempt-run.ts';

const fails = (code: ErrorCode) => async (): Promise<never> => {
  throw new DimgxError(code, 'it broke\n  in two lines');
};

const untilAborted = ({ signal }: Attempt): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('the work was cut off'))),
  );

describe('an attempt', () => {
  test('that is done completes the job with its result and last progress', async () => {
    const run = new AttemptRun();
    const progress = { phase: 'upload', bytes: 5, entries: 1 } as const;
    const outcome = await run.outcome({
      async work(attempt) {
        attempt.report(progress);
        return result;
      },
    });
    expect(outcome).toBeUndefined();
    expect(run.ends).toEqual([{ state: 'completed', result, progress }]);
  });

  test('writes the log of the job before it ends it, phase by phase', async () => {
    const run = new AttemptRun();
    await run.outcome({
      async work({ report, log }) {
        log.info('hello', { secret: 'for the worker alone' });
        report({ phase: 'fetch', bytes: 5, entries: 0 });
        report({ phase: 'fetch', bytes: 7, entries: 0 });
        log.warn('careful');
        report({ phase: 'plan', bytes: 1, entries: 1 });
        return result;
      },
    });
    expect(run.lines).toEqual([
      { level: 'info', phase: undefined, message: 'hello' },
      { level: 'info', phase: 'fetch', message: 'fetching what it is made of' },
      { level: 'warn', phase: 'fetch', message: 'careful' },
      {
        level: 'info',
        phase: 'fetch',
        message: expect.stringMatching(/^done in \d+ ms: 7 bytes, 0 entries$/),
      },
      { level: 'info', phase: 'plan', message: 'applying the layers' },
    ]);
  });

  test('at a job that is finished or gone does nothing', async () => {
    const run = new AttemptRun();
    expect(await run.outcome({ work: fails('INTERNAL'), isKnown: false })).toBeUndefined();
    expect(run.ends).toEqual([]);
  });

  test('whose fault may pass queues the job again and tells why, in one line', async () => {
    const run = new AttemptRun();
    const outcome = await run.outcome({ work: fails('DOCKER_UNREACHABLE'), attemptsMade: 1 });
    const error = { code: 'DOCKER_UNREACHABLE', message: 'it broke in two lines', retryable: true };
    expect(run.ends).toEqual([{ state: 'queued', error, next: { number: 3, of: 3, withinMs: 10_000 } }]);
    expect(outcome).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    expect(outcome).not.toBeInstanceOf(UnrecoverableError);
  });

  test('that was the last one fails the job, though the fault may pass', async () => {
    const run = new AttemptRun();
    const outcome = await run.outcome({ work: fails('DOCKER_UNREACHABLE'), attemptsMade: 2 });
    expect(run.ends).toMatchObject([
      { state: 'failed', error: { code: 'DOCKER_UNREACHABLE', retryable: true } },
    ]);
    expect(outcome).toBeInstanceOf(UnrecoverableError);
  });

  test('at a job that asks for what only a newer version knows fails it, and names that', async () => {
    const run = new AttemptRun();
    await run.outcome({ work: async () => result, notUnderstood: ['sparse'] });
    const message = expect.stringMatching(/^sparse: worker host-1 .* does not know it: upgrade the workers/);
    expect(run.ends).toEqual([
      { state: 'failed', error: { code: 'REQUEST_INVALID', message, retryable: false } },
    ]);
  });

  test('whose fault stays fails the job at once', async () => {
    const run = new AttemptRun();
    const outcome = await run.outcome({ work: fails('IMAGE_NOT_FOUND') });
    expect(run.ends).toMatchObject([
      { state: 'failed', error: { code: 'IMAGE_NOT_FOUND', retryable: false } },
    ]);
    expect(outcome).toBeInstanceOf(UnrecoverableError);
  });

  test('with a bug in it is INTERNAL and is tried again', async () => {
    const run = new AttemptRun();
    const work = async () => {
      throw new TypeError('x is undefined');
    };
    await run.outcome({ work });
    expect(run.ends).toMatchObject([
      { state: 'queued', error: { code: 'INTERNAL', message: 'x is undefined' } },
    ]);
  });

  test('that takes too long is cut off and fails the job', async () => {
    const run = new AttemptRun();
    const outcome = await run.outcome({ work: untilAborted, timeoutSeconds: 0.01 });
    expect(run.ends).toMatchObject([{ state: 'failed', error: { code: 'TIMED_OUT', retryable: false } }]);
    expect(outcome).toBeInstanceOf(UnrecoverableError);
  });

  test('cut off by the end of its worker hands the job on, without an error and at no cost', async () => {
    const run = new AttemptRun();
    const outcome = run.outcome({ work: untilAborted, attemptsMade: 2 });
    await run.begun;
    run.stop();
    expect(await outcome).toBeInstanceOf(DelayedError);
    expect(run.ends).toEqual([{ state: 'queued', handedOn: 'INTERRUPTED' }]);
    expect(run.delays).toBe(1);
  });

  test('that met a store that is away hands the job back with its fault, at no cost', async () => {
    const run = new AttemptRun();
    const work = fails('STORE_UNREACHABLE');
    expect(await run.outcome({ work, isStoreAway: true, attemptsMade: 2 })).toBeInstanceOf(DelayedError);
    expect(run.ends).toMatchObject([
      { state: 'queued', error: { code: 'STORE_UNREACHABLE' }, outage: 'store' },
    ]);
    expect(run.delays).toBe(1);
  });

  test('at a job that was handed back very often is a try, even if the store is away', async () => {
    const run = new AttemptRun();
    const work = fails('STORE_UNREACHABLE');
    await run.outcome({ work, isStoreAway: true, attempts: 100, attemptsMade: 2 });
    expect(run.ends).toMatchObject([{ state: 'failed', error: { code: 'STORE_UNREACHABLE' } }]);
  });

  test('is not begun by a worker that takes no jobs while a part is away', async () => {
    const run = new AttemptRun();
    const outcome = await run.outcome({ work: async () => result, outages: [outage] });
    expect(outcome).toBeInstanceOf(DelayedError);
    expect(run.ends).toEqual([]);
  });

  test('that lost its lock is cut off and leaves the record to the other', async () => {
    const run = new AttemptRun();
    const outcome = run.outcome({ work: untilAborted });
    await run.begun;
    run.lose();
    expect(await outcome).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.ends).toEqual([]);
  });

  test('at a job that is cancelled is cut off, and has nothing to tell', async () => {
    const run = new AttemptRun();
    const outcome = run.outcome({ work: untilAborted });
    await run.begun;
    run.cancel();
    expect(await outcome).toBeUndefined();
    expect(run.ends).toEqual([]);
    expect(run.watchesEnded).toBe(1);
  });

  test('learns by its progress that another one has the job', async () => {
    const run = new AttemptRun();
    const outcome = await run.outcome({
      isHeld: false,
      async work(attempt) {
        attempt.report({ phase: 'fetch', bytes: 1, entries: 0 });
        return untilAborted(attempt);
      },
    });
    expect(outcome).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.ends).toEqual([]);
  });

  test('asks before it makes something final', async () => {
    const run = new AttemptRun();
    const work = async (attempt: Attempt) => {
      await attempt.confirm();
      return result;
    };
    expect(await run.outcome({ isHeld: false, work })).toMatchObject({ code: 'WORKER_LOST' });
    expect(await run.outcome({ isHeld: true, work })).toBeUndefined();
  });
});
