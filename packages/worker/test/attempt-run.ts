import { DimgxError } from '@dimgx/core';
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

/** Of the store. */
export const outage = {
  part: 'store',
  code: 'STORE_UNREACHABLE',
  since: '2026-11-24T00:00:02.000Z',
} as const;

const record = { job, attempt: 'a', trace: undefined };

export const result: JobResult = {
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
export class AttemptRun {
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
