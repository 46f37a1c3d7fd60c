import { DimgxError, type ErrorCode } from '@dimgx/core';
import {
  type AttemptEnd,
  type AttemptLine,
  type Job,
  type JobResult,
  jobRequestSchema,
  noTracing,
  serviceLog,
  type WorkerOutage,
} from '@dimgx/queue';
import { DelayedError, UnrecoverableError } from 'bullmq';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../src/attempt.ts';
import { lossOf } from '../src/attempt-watch.ts';
import { type AttemptContext, runAttempt } from '../src/run-attempt.ts';

const id = '01234567-89ab-7cde-8f01-23456789abcd';

const job: Job = {
  id,
  kind: 'flatten',
  state: 'active',
  request: jobRequestSchema.parse({ image: 'debian' }),
  progress: { phase: 'resolve', bytes: 0, entries: 0 },
  attempts: 1,
  createdAt: '2026-11-24T00:00:00.000Z',
  startedAt: '2026-11-24T00:00:01.000Z',
};

const outage = { part: 'store', code: 'STORE_UNREACHABLE', since: '2026-11-24T00:00:02.000Z' } as const;

const record = { job, attempt: 'a', trace: undefined };

const result: JobResult = {
  image: {
    ...{
      reference: 'debian:12',
      digest: 'sha256:1',
      configDigest: 'sha256:2',
      platform: 'linux/amd64',
      repoTags: [],
    },
    config: { env: [], entrypoint: [], cmd: [], labels: {}, exposedPorts: [], volumes: [] },
  },
  layers: [],
  history: [],
};

interface Situation {
  readonly work: (attempt: Attempt) => Promise<JobResult>;
  readonly attemptsMade?: number;
  readonly timeoutSeconds?: number;
  /** Whether the attempt still holds the job when it asks. */
  readonly isHeld?: boolean;
  readonly isKnown?: boolean;
  /** Of the job, with those that were no tries. */
  readonly attempts?: number;
  readonly isStoreAway?: boolean;
  /** That were known when the attempt was to begin. */
  readonly outages?: readonly WorkerOutage[];
  /** Of the request, by a worker of this version. */
  readonly notUnderstood?: readonly string[];
}

/** One attempt in a fleet of three attempts a job; `stop` and `lose` happen to it while it runs. */
class Run {
  readonly ends: AttemptEnd[] = [];
  readonly lines: AttemptLine[] = [];
  readonly #stop = new AbortController();
  readonly #lockLost = new AbortController();
  readonly #begun = Promise.withResolvers<void>();
  delays = 0;
  watchesEnded = 0;
  #onLost: (reason: DimgxError) => void = () => {};

  /** When the work listens to its signal. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  stop(): void {
    this.#stop.abort(new DimgxError('INTERRUPTED', 'the worker was stopped'));
  }

  lose(): void {
    this.#lockLost.abort();
  }

  cancel(): void {
    this.#onLost(lossOf(id, 'cancelled'));
  }

  /** What BullMQ is thrown, if anything. */
  async outcome({
    work,
    isHeld = true,
    isKnown = true,
    isStoreAway = false,
    ...situation
  }: Situation): Promise<unknown> {
    const context: AttemptContext = {
      records: {
        start: async () => {
          if (!isKnown) return undefined;
          const { attempts = 1, notUnderstood } = situation;
          return { ...record, job: { ...job, attempts }, notUnderstood };
        },
        note: async (_id, _attempt, line) => void this.lines.push(line),
        report: async () => (isHeld ? 'held' : 'lost'),
        beginUpload: async () => (isHeld ? 'held' : 'lost'),
        end: async (_id, _attempt, end) => {
          if (isHeld) this.ends.push(end);
          return isHeld;
        },
      },
      watch: {
        watch: (_id, _attempt, onLost) => {
          this.#onLost = onLost;
          return () => {
            this.watchesEnded += 1;
          };
        },
      },
      outages: {
        current: situation.outages ?? [],
        behind: async ({ code }) => (isStoreAway && code === 'STORE_UNREACHABLE' ? outage : undefined),
      },
      name: 'host-1',
      tracing: noTracing,
      timeoutSeconds: situation.timeoutSeconds ?? 60,
      shutdown: this.#stop.signal,
      log: serviceLog('test', 'fatal'),
      work: (_job, attempt) => {
        const working = work(attempt);
        this.#begun.resolve();
        return working;
      },
    };
    const queued = {
      data: { id },
      attemptsMade: situation.attemptsMade ?? 0,
      opts: { attempts: 3, backoff: { type: 'exponential', delay: 5000, jitter: 0.5 } },
      moveToDelayed: async () => {
        this.delays += 1;
      },
    };
    return runAttempt(queued, 'token', this.#lockLost.signal, context).catch((error: unknown) => error);
  }
}

const fails = (code: ErrorCode) => async (): Promise<never> => {
  throw new DimgxError(code, 'it broke\n  in two lines');
};

const untilAborted = ({ signal }: Attempt): Promise<never> =>
  new Promise((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('the work was cut off'))),
  );

describe('an attempt', () => {
  test('that is done completes the job with its result and last progress', async () => {
    const run = new Run();
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
    const run = new Run();
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
    const run = new Run();
    expect(await run.outcome({ work: fails('INTERNAL'), isKnown: false })).toBeUndefined();
    expect(run.ends).toEqual([]);
  });

  test('whose fault may pass queues the job again and tells why, in one line', async () => {
    const run = new Run();
    const outcome = await run.outcome({ work: fails('DOCKER_UNREACHABLE'), attemptsMade: 1 });
    const error = { code: 'DOCKER_UNREACHABLE', message: 'it broke in two lines', retryable: true };
    expect(run.ends).toEqual([{ state: 'queued', error, next: { number: 3, of: 3, withinMs: 10_000 } }]);
    expect(outcome).toMatchObject({ code: 'DOCKER_UNREACHABLE' });
    expect(outcome).not.toBeInstanceOf(UnrecoverableError);
  });

  test('that was the last one fails the job, though the fault may pass', async () => {
    const run = new Run();
    const outcome = await run.outcome({ work: fails('DOCKER_UNREACHABLE'), attemptsMade: 2 });
    expect(run.ends).toMatchObject([
      { state: 'failed', error: { code: 'DOCKER_UNREACHABLE', retryable: true } },
    ]);
    expect(outcome).toBeInstanceOf(UnrecoverableError);
  });

  test('at a job that asks for what only a newer version knows fails it, and names that', async () => {
    const run = new Run();
    await run.outcome({ work: async () => result, notUnderstood: ['sparse'] });
    const message = expect.stringMatching(/^sparse: worker host-1 .* does not know it: upgrade the workers/);
    expect(run.ends).toEqual([
      { state: 'failed', error: { code: 'REQUEST_INVALID', message, retryable: false } },
    ]);
  });

  test('whose fault stays fails the job at once', async () => {
    const run = new Run();
    const outcome = await run.outcome({ work: fails('IMAGE_NOT_FOUND') });
    expect(run.ends).toMatchObject([
      { state: 'failed', error: { code: 'IMAGE_NOT_FOUND', retryable: false } },
    ]);
    expect(outcome).toBeInstanceOf(UnrecoverableError);
  });

  test('with a bug in it is INTERNAL and is tried again', async () => {
    const run = new Run();
    const work = async () => {
      throw new TypeError('x is undefined');
    };
    await run.outcome({ work });
    expect(run.ends).toMatchObject([
      { state: 'queued', error: { code: 'INTERNAL', message: 'x is undefined' } },
    ]);
  });

  test('that takes too long is cut off and fails the job', async () => {
    const run = new Run();
    const outcome = await run.outcome({ work: untilAborted, timeoutSeconds: 0.01 });
    expect(run.ends).toMatchObject([{ state: 'failed', error: { code: 'TIMED_OUT', retryable: false } }]);
    expect(outcome).toBeInstanceOf(UnrecoverableError);
  });

  test('cut off by the end of its worker hands the job on, without an error and at no cost', async () => {
    const run = new Run();
    const outcome = run.outcome({ work: untilAborted, attemptsMade: 2 });
    await run.begun;
    run.stop();
    expect(await outcome).toBeInstanceOf(DelayedError);
    expect(run.ends).toEqual([{ state: 'queued', handedOn: 'INTERRUPTED' }]);
    expect(run.delays).toBe(1);
  });

  test('that met a store that is away hands the job back with its fault, at no cost', async () => {
    const run = new Run();
    const work = fails('STORE_UNREACHABLE');
    expect(await run.outcome({ work, isStoreAway: true, attemptsMade: 2 })).toBeInstanceOf(DelayedError);
    expect(run.ends).toMatchObject([
      { state: 'queued', error: { code: 'STORE_UNREACHABLE' }, outage: 'store' },
    ]);
    expect(run.delays).toBe(1);
  });

  test('at a job that was handed back very often is a try, even if the store is away', async () => {
    const run = new Run();
    const work = fails('STORE_UNREACHABLE');
    await run.outcome({ work, isStoreAway: true, attempts: 100, attemptsMade: 2 });
    expect(run.ends).toMatchObject([{ state: 'failed', error: { code: 'STORE_UNREACHABLE' } }]);
  });

  test('is not begun by a worker that takes no jobs while a part is away', async () => {
    const run = new Run();
    const outcome = await run.outcome({ work: async () => result, outages: [outage] });
    expect(outcome).toBeInstanceOf(DelayedError);
    expect(run.ends).toEqual([]);
  });

  test('that lost its lock is cut off and leaves the record to the other', async () => {
    const run = new Run();
    const outcome = run.outcome({ work: untilAborted });
    await run.begun;
    run.lose();
    expect(await outcome).toMatchObject({ code: 'WORKER_LOST' });
    expect(run.ends).toEqual([]);
  });

  test('at a job that is cancelled is cut off, and has nothing to tell', async () => {
    const run = new Run();
    const outcome = run.outcome({ work: untilAborted });
    await run.begun;
    run.cancel();
    expect(await outcome).toBeUndefined();
    expect(run.ends).toEqual([]);
    expect(run.watchesEnded).toBe(1);
  });

  test('learns by its progress that another one has the job', async () => {
    const run = new Run();
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
    const run = new Run();
    const work = async (attempt: Attempt) => {
      await attempt.confirm();
      return result;
    };
    expect(await run.outcome({ isHeld: false, work })).toMatchObject({ code: 'WORKER_LOST' });
    expect(await run.outcome({ isHeld: true, work })).toBeUndefined();
  });
});
