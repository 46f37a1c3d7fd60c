import type { ListedJob } from '../jobs/job.ts';
import type { JobQuery } from '../jobs/jobs.ts';
import type { Connection } from '../requests/connection.ts';
import { type PageQuery, Pages } from '../requests/pages.ts';
import { pause } from '../requests/patience.ts';
import { type IdempotentOptions, idempotencyKey, path, type RequestOptions } from '../requests/request.ts';
import type { Batch, BatchArtifact, BatchRequest } from './batch.ts';

/** A batch that runs goes on while the API or Redis is restarted, and so do those who wait for it. */
const waitPatienceMs = 60_000;
/** Between two looks at a batch. */
const lookMs = 1000;

export interface BatchWaitOptions extends RequestOptions {
  /** Told how the batch stands, every second. */
  readonly onProgress?: ((batch: Batch) => void) | undefined;
}

/** Many images at once. */
export class Batches {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Submits many images: all of them are taken in, or none. Of items at fault the error's `errors` tell the places. */
  submit(request: BatchRequest, { idempotencyKey: key, ...options }: IdempotentOptions = {}): Promise<Batch> {
    const headers = idempotencyKey(key);
    const submission = {
      method: 'POST',
      path: '/v1/batches',
      headers,
      body: request,
      repeatable: true,
    } as const;
    return this.#connection.json(submission, options);
  }

  /** How a batch stands. Throws `BATCH_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<Batch> {
    return this.#connection.json({ path: path`/v1/batches/${id}` }, options);
  }

  /** Newest first. */
  list({ limit, cursor, ...options }: PageQuery & RequestOptions = {}): Pages<Batch> {
    return new Pages(cursor, (at) =>
      this.#connection.json({ path: '/v1/batches', query: { limit, cursor: at } }, options),
    );
  }

  /** The jobs of a batch, newest first. */
  jobs(
    id: string,
    { signal, patienceMs, cursor, ...query }: JobQuery & RequestOptions = {},
  ): Pages<ListedJob> {
    return new Pages(cursor, (at) =>
      this.#connection.json(
        { path: path`/v1/batches/${id}/jobs`, query: { ...query, cursor: at } },
        { signal, patienceMs },
      ),
    );
  }

  /** What the completed jobs of a batch made, newest first. */
  artifacts(
    id: string,
    { limit, cursor, ...options }: PageQuery & RequestOptions = {},
  ): Pages<BatchArtifact> {
    return new Pages(cursor, (at) =>
      this.#connection.json(
        { path: path`/v1/batches/${id}/artifacts`, query: { limit, cursor: at } },
        options,
      ),
    );
  }

  /** Gives the cancelled batch; its jobs are stopped one after the other. Throws `BATCH_FINISHED`. */
  cancel(id: string, options?: RequestOptions): Promise<Batch> {
    return this.#connection.json({ method: 'DELETE', path: path`/v1/batches/${id}` }, options);
  }

  /** Gives a new batch of the jobs that failed. Throws `BATCH_NOT_FINISHED` or `NOTHING_FAILED`. */
  retry(id: string, { idempotencyKey: key, ...options }: IdempotentOptions = {}): Promise<Batch> {
    const headers = idempotencyKey(key);
    const again = { method: 'POST', path: path`/v1/batches/${id}/retry`, headers, repeatable: true } as const;
    return this.#connection.json(again, options);
  }

  /**
   * Resolves with the batch when all its jobs have ended, however they did: its `counts` tell. Goes on when the service
   * is away for a minute.
   */
  async wait(id: string, options: BatchWaitOptions = {}): Promise<Batch> {
    const { signal, patienceMs = waitPatienceMs, onProgress } = options;
    for (;;) {
      const batch = await this.get(id, { signal, patienceMs });
      onProgress?.(batch);
      if (batch.finishedAt !== undefined) return batch;
      await pause(lookMs, this.#connection.signal(signal));
    }
  }
}
