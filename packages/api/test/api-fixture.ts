import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ArtifactStore, DimgxError, openStore } from '@dimgx/core';
import {
  type Cancellation,
  type Idempotency,
  type Job,
  type JobEvent,
  type JobFilter,
  type JobPage,
  type JobRequest,
  jobRequestSchema,
  type LogLine,
  type Submission,
  serviceLog,
} from '@dimgx/queue';
import type { Api } from '../src/api.ts';
import { type ApiParts, buildApi } from '../src/build-api.ts';
import { FakeBatches } from './fake-batches.ts';
import { FakeCallbacks } from './fake-callbacks.ts';
import { FakeFleet } from './fake-fleet.ts';
import { FakeKeys } from './fake-keys.ts';
import { FakeSchedules } from './fake-schedules.ts';
import { FakeTriggers } from './fake-triggers.ts';

export const knownId = '01234567-89ab-7cde-8f01-23456789abcd';

type EventSequence = AsyncGenerator<JobEvent>;

export const otherId = '01234567-89ab-7cde-8f01-23456789abce';

/** A queue in memory: what was submitted, and jobs that a test puts there. */
export class FakeQueue {
  readonly submitted: { request: JobRequest; idempotency: Idempotency | undefined }[] = [];
  readonly listed: { filter: JobFilter; limit: number; before: string | undefined }[] = [];
  readonly jobs = new Map<string, Job>();
  /** What is told of every job. */
  events: ((after: string | undefined, signal: AbortSignal) => EventSequence) | undefined;
  /** The log of every job. */
  readonly lines: LogLine[] = [];
  /** What a list says of the page after it. */
  next: string | undefined;
  fault: DimgxError | undefined;

  async submit(request: JobRequest, { idempotency }: Submission = {}): Promise<Job> {
    this.#check();
    this.submitted.push({ request, idempotency });
    return jobOf({ request, kind: request.kind });
  }

  async cancel(id: string): Promise<Cancellation> {
    const job = await this.find(id);
    if (job.state === 'completed' || job.state === 'failed') {
      throw new DimgxError('JOB_FINISHED', `job ${id} has ${job.state} already`);
    }
    const cancelled: Job = { ...job, state: 'cancelled' };
    this.jobs.set(id, cancelled);
    return { job: cancelled, isNew: job.state !== 'cancelled' };
  }

  async find(id: string): Promise<Job> {
    this.#check();
    const job = this.jobs.get(id);
    if (job === undefined) throw new DimgxError('JOB_NOT_FOUND', `there is no job ${id}`);
    return job;
  }

  async retry(id: string, { idempotency }: Submission = {}): Promise<Job> {
    const { request, state } = await this.find(id);
    if (state === 'queued' || state === 'active') {
      throw new DimgxError('JOB_NOT_FINISHED', `job ${id} is ${state}`);
    }
    this.submitted.push({ request, idempotency });
    return jobOf({ request, id: otherId, retryOf: id });
  }

  async list(filter: JobFilter, limit: number, before?: string): Promise<JobPage> {
    this.#check();
    this.listed.push({ filter, limit, before });
    return { jobs: [...this.jobs.values()], next: this.next };
  }

  async logs(id: string, limit: number, after = ''): Promise<LogLine[]> {
    await this.find(id);
    return this.lines.filter((line) => line.id > after).slice(0, limit);
  }

  async watch(
    id: string,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<EventSequence | undefined> {
    await this.find(id);
    return this.events?.(after, signal);
  }

  async ping(): Promise<void> {
    this.#check();
  }

  #check(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}

export function jobOf(part: Partial<Job>): Job {
  return {
    id: knownId,
    kind: 'flatten',
    state: 'queued',
    request: jobRequestSchema.parse({ image: 'debian:12' }),
    progress: { phase: 'resolve', bytes: 0, entries: 0 },
    attempts: 0,
    createdAt: '2026-11-24T00:00:00.000Z',
    ...part,
  };
}

export interface ApiFixture {
  readonly app: Api;
  readonly queue: FakeQueue;
  readonly batches: FakeBatches;
  readonly callbacks: FakeCallbacks;
  readonly schedules: FakeSchedules;
  readonly triggers: FakeTriggers;
  readonly keys: FakeKeys;
  readonly store: ArtifactStore;
  /** Where the store keeps its files. */
  readonly folder: string;
  close(): Promise<void>;
}

export async function apiFixture(parts: Partial<ApiParts> = {}): Promise<ApiFixture> {
  const folder = await mkdtemp(join(tmpdir(), 'dimgx-api-'));
  const queue = new FakeQueue();
  const batches = new FakeBatches();
  const callbacks = new FakeCallbacks();
  const schedules = new FakeSchedules();
  const triggers = new FakeTriggers();
  const keys = new FakeKeys();
  const store = openStore(`file:${folder}`);
  const log = serviceLog('api', 'fatal');
  const app = await buildApi({
    queue,
    batches,
    schedules,
    callbacks,
    triggers,
    fetchText: async (url) => Promise.reject(new Error(`nobody is at ${url}`)),
    store,
    keys,
    fleet: new FakeFleet(),
    metrics: { read: async () => [] },
    apiKeys: [],
    isLocal: true,
    fileSources: [],
    eventStreams: 3,
    version: '1.2.3',
    log,
    ...parts,
  });
  const close = async () => {
    await app.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { app, queue, batches, schedules, callbacks, triggers, keys, store, folder, close };
}
