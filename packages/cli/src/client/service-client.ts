import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError, type Progress } from '@dimgx/core';
import {
  hasEnded,
  type JobView,
  jobPageSchema,
  jobViewSchema,
  type ListedJobView,
  type LogLineView,
  logPageSchema,
  progressOf,
  progressViewSchema,
} from './job-views.ts';
import { isEventStream, serverEvents } from './server-events.ts';
import { jsonOf, type ServiceAddress, ServiceConnection } from './service-connection.ts';

/** Between two looks at a job. */
const pollMs = 300;
const logPollMs = 1000;
/** Of a stream of events, which has a heartbeat at least every quarter of a minute. */
const longestSilenceMs = 45_000;
const mostOnPage = 500;
/** Somebody waits for a request to be taken; a job that runs goes on while the API or Redis is restarted. */
const patienceMs = { request: 5000, job: 60_000 } as const;
export interface JobListQuery {
  readonly state?: string | undefined;
  readonly image?: string | undefined;
  /** `NAME=VALUE`, all of which must be there. */
  readonly label?: readonly string[] | undefined;
  /** Ids of what made them. */
  readonly batch?: string | undefined;
  readonly schedule?: string | undefined;
  readonly trigger?: string | undefined;
  /** How many will be looked at. */
  readonly limit: number;
}

/** The service over HTTP. What it refuses is thrown as the error that it names, with its code. */
export class ServiceClient {
  readonly #connection: ServiceConnection;
  readonly #signal: AbortSignal;

  constructor(address: ServiceAddress, signal: AbortSignal) {
    this.#connection = new ServiceConnection(address, signal);
    this.#signal = signal;
  }

  /** Submits a job, once however often it must be sent; `request` is the body of `POST /v1/jobs`. */
  async submit(request: unknown): Promise<JobView> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const init = { method: 'POST', headers, body: JSON.stringify(request) };
    const response = await this.#connection.fetchPatiently(patienceMs.request, '/v1/jobs', init);
    return jobViewSchema.parse(await response.json());
  }

  async job(id: string): Promise<JobView> {
    const response = await this.#connection.fetch(jobPath(id));
    return jobViewSchema.parse(await response.json());
  }

  /** Gives the cancelled job. */
  async cancel(id: string): Promise<JobView> {
    const response = await this.#connection.fetch(jobPath(id), { method: 'DELETE' });
    return jobViewSchema.parse(await response.json());
  }

  /** Gives the new job, which does the same again. */
  async retry(id: string): Promise<JobView> {
    const init = { method: 'POST', headers: { 'idempotency-key': randomUUID() } };
    const path = `${jobPath(id)}/retry`;
    const response = await this.#connection.fetchPatiently(patienceMs.request, path, init);
    return jobViewSchema.parse(await response.json());
  }

  /** All jobs for which the query holds, newest first; a page is asked for when it is needed. */
  async *jobs({ label = [], limit, ...others }: JobListQuery): AsyncGenerator<ListedJobView> {
    const query = new URLSearchParams(label.map((each): [string, string] => ['label', each]));
    for (const [name, value] of Object.entries(others)) if (value !== undefined) query.set(name, value);
    query.set('limit', String(Math.min(limit, mostOnPage)));
    for (;;) {
      const response = await this.#connection.fetch(`/v1/jobs?${query}`);
      const { items, nextCursor } = jobPageSchema.parse(await response.json());
      yield* items;
      if (nextCursor === undefined) return;
      query.set('cursor', nextCursor);
    }
  }

  /** The lines of a job's log so far, after the one named `after`, oldest first. */
  async *log(id: string, after?: string): AsyncGenerator<LogLineView> {
    for (let cursor = after; ; ) {
      const query = cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`;
      const path = `${jobPath(id)}/logs${query}`;
      const response = await this.#connection.fetchPatiently(patienceMs.job, path);
      const { items, nextCursor } = logPageSchema.parse(await response.json());
      yield* items;
      if (nextCursor === undefined) return;
      cursor = nextCursor;
    }
  }

  /** The same, and those to come until the job has ended; outlives a restart of the service. */
  async *followedLog(id: string): AsyncGenerator<LogLineView> {
    let last: string | undefined;
    for (let isLast = false; !isLast; ) {
      // Asked before: what comes between the two is in the log.
      isLast = hasEnded(await this.#jobPatiently(id));
      for await (const line of this.log(id, last)) {
        last = line.id;
        yield line;
      }
      if (!isLast) await delay(logPollMs, undefined, { signal: this.#signal });
    }
  }

  /**
   * Resolves with the completed job; outlives a restart of the service. Throws the error of one that failed, or
   * `CANCELLED`.
   */
  async completed(id: string, onProgress: (progress: Progress) => void): Promise<JobView> {
    for (;;) {
      const job = await this.#jobPatiently(id);
      if (job.state === 'completed') return job;
      if (job.state === 'cancelled') throw new DimgxError('CANCELLED', `job ${id} was cancelled`);
      if (job.state === 'failed') {
        const { code, message } = job.error ?? { code: 'INTERNAL', message: 'no reason is known' };
        throw new DimgxError(code, `job ${id} failed: ${message}`);
      }
      if (job.progress !== undefined) onProgress(progressOf(job.progress));
      if (!(await this.#followed(id, onProgress))) await delay(pollMs, undefined, { signal: this.#signal });
    }
  }

  /** Follows a job by its events, which spares asking for it; false if there are none to be had. */
  async #followed(id: string, onProgress: (progress: Progress) => void): Promise<boolean> {
    const silence = new AbortController();
    const timer = setTimeout(() => silence.abort(), longestSilenceMs);
    try {
      const signal = AbortSignal.any([this.#signal, silence.signal]);
      const response = await this.#connection.fetch(`${jobPath(id)}/events`, { signal });
      for await (const { event, data } of serverEvents(response)) {
        timer.refresh();
        if (event === 'progress') onProgress(progressOf(progressViewSchema.parse(jsonOf(data))));
      }
      return isEventStream(response);
    } catch {
      // Whatever it is, asking for the job tells.
      this.#signal.throwIfAborted();
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The artifact's bytes from `start` on; the caller consumes or cancels the body. */
  async artifact(id: string, start = 0): Promise<Response> {
    const headers = start === 0 ? {} : { range: `bytes=${start}-` };
    return this.#connection.fetchPatiently(patienceMs.request, `${jobPath(id)}/artifact`, { headers });
  }

  /** What a route answers, once; undefined where it has nothing to say. `body` is sent as JSON. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<unknown> {
    const sent =
      body === undefined
        ? { headers }
        : { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
    const response = await this.#connection.fetch(path, { method, ...sent });
    return response.status === 204 ? undefined : response.json();
  }

  async #jobPatiently(id: string): Promise<JobView> {
    const response = await this.#connection.fetchPatiently(patienceMs.job, jobPath(id));
    return jobViewSchema.parse(await response.json());
  }
}

function jobPath(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}
