import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DimgxError } from '@dimgx/core';
import type { z } from 'zod';
import {
  type BatchArtifactView,
  type BatchView,
  batchArtifactPageSchema,
  batchPageSchema,
  batchViewSchema,
} from './batch-views.ts';
import { jobPageSchema, type ListedJobView } from './job-views.ts';
import { patiently } from './patience.ts';
import type { ServiceClient } from './service-client.ts';

/** Between two looks at a batch. */
const pollMs = 1000;
/** Somebody waits for a request to be taken; a batch that runs goes on while the API or Redis is restarted. */
const patienceMs = { request: 5000, batch: 60_000 } as const;
const mostOnPage = 500;

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

/** The batches of a service. What it refuses is thrown as the error that it names. */
export class BatchClient {
  readonly #service: ServiceClient;
  readonly #signal: AbortSignal;

  constructor(service: ServiceClient, signal: AbortSignal) {
    this.#service = service;
    this.#signal = signal;
  }

  /** Submits a batch, once however often it must be sent; `request` is the body of `POST /v1/batches`. */
  submit(request: object): Promise<BatchView> {
    return this.#once('/v1/batches', request);
  }

  /** Gives the new batch, which does the failed jobs again. */
  retry(id: string): Promise<BatchView> {
    return this.#once(`${batchPath(id)}/retry`);
  }

  async find(id: string): Promise<BatchView> {
    return batchViewSchema.parse(await this.#service.ask('GET', batchPath(id)));
  }

  async cancel(id: string): Promise<BatchView> {
    return batchViewSchema.parse(await this.#service.ask('DELETE', batchPath(id)));
  }

  /** Newest first; a page is asked for when it is needed. */
  list(): AsyncGenerator<BatchView> {
    return this.#pages('/v1/batches?limit=50', batchPageSchema);
  }

  /** The failed jobs of a batch, newest first. */
  failedJobs(id: string): AsyncGenerator<ListedJobView> {
    return this.#pages(`${batchPath(id)}/jobs?state=failed&limit=${mostOnPage}`, jobPageSchema);
  }

  /** What the completed jobs of a batch have made, newest first. */
  artifacts(id: string): AsyncGenerator<BatchArtifactView> {
    return this.#pages(`${batchPath(id)}/artifacts?limit=${mostOnPage}`, batchArtifactPageSchema);
  }

  /** Resolves when all jobs of the batch have ended; outlives a restart of the service. */
  async ended(id: string, onLook: (batch: BatchView) => void): Promise<BatchView> {
    for (;;) {
      const batch = await this.#patiently(patienceMs.batch, () => this.find(id));
      onLook(batch);
      if (batch.finishedAt !== undefined) return batch;
      await delay(pollMs, undefined, { signal: this.#signal });
    }
  }

  async *#pages<T>(path: string, schema: z.ZodType<Page<T>>): AsyncGenerator<T> {
    for (let cursor = ''; ; ) {
      const page = schema.parse(await this.#service.ask('GET', `${path}${cursor}`));
      yield* page.items;
      if (page.nextCursor === undefined) return;
      cursor = `&cursor=${page.nextCursor}`;
    }
  }

  async #once(path: string, request?: object): Promise<BatchView> {
    const headers = { 'idempotency-key': randomUUID() };
    const send = () => this.#service.ask('POST', path, request, headers);
    return batchViewSchema.parse(await this.#patiently(patienceMs.request, send));
  }

  #patiently<T>(forMs: number, work: () => Promise<T>): Promise<T> {
    return patiently(work, { forMs, mayPass, signal: this.#signal });
  }
}

function batchPath(id: string): string {
  return `/v1/batches/${encodeURIComponent(id)}`;
}

function mayPass(error: unknown): boolean {
  return error instanceof DimgxError && ['REDIS_UNREACHABLE', 'SERVICE_UNREACHABLE'].includes(error.code);
}
