import type { ListedJob } from '../jobs/job.ts';
import type { JobQuery } from '../jobs/jobs.ts';
import type { Connection } from '../requests/connection.ts';
import type { PageQuery, Pages } from '../requests/pages.ts';
import { pause, watchPatienceMs } from '../requests/patience.ts';
import { type IdempotentOptions, path, type RequestOptions } from '../requests/request.ts';
import type { Batch, BatchArtifact, BatchRequest, EndedBatch } from './batch.ts';

/** Between two looks at a batch. */
const lookMs = 1000;

/** How a batch is waited for. */
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
  submit(request: BatchRequest, options?: IdempotentOptions): Promise<Batch> {
    return this.#connection.makeOnce('/v1/batches', options, request);
  }

  /** How a batch stands. Throws `BATCH_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<Batch> {
    return this.#connection.json({ path: path`/v1/batches/${id}` }, options);
  }

  /** Newest first. */
  list(options?: PageQuery & RequestOptions): Pages<Batch> {
    return this.#connection.pages('/v1/batches', options);
  }

  /** The jobs of a batch, newest first. */
  jobs(id: string, options?: JobQuery & RequestOptions): Pages<ListedJob> {
    return this.#connection.pages(path`/v1/batches/${id}/jobs`, options);
  }

  /** What the completed jobs of a batch made, newest first. */
  artifacts(id: string, options?: PageQuery & RequestOptions): Pages<BatchArtifact> {
    return this.#connection.pages(path`/v1/batches/${id}/artifacts`, options);
  }

  /** Gives the cancelled batch; its jobs are stopped one after the other. Throws `BATCH_FINISHED`. */
  cancel(id: string, options?: RequestOptions): Promise<Batch> {
    return this.#connection.json({ method: 'DELETE', path: path`/v1/batches/${id}` }, options);
  }

  /** Gives a new batch of the jobs that failed. Throws `BATCH_NOT_FINISHED` or `NOTHING_FAILED`. */
  retry(id: string, options?: IdempotentOptions): Promise<Batch> {
    return this.#connection.makeOnce(path`/v1/batches/${id}/retry`, options);
  }

  /**
   * Resolves with the batch when all its jobs have ended, however they did: its `counts` tell. Goes on when the service
   * is away for a minute.
   */
  async wait(id: string, options: BatchWaitOptions = {}): Promise<EndedBatch> {
    const { signal, patienceMs = watchPatienceMs, onProgress } = options;
    for (;;) {
      const batch = await this.get(id, { signal, patienceMs });
      onProgress?.(batch);
      if (isEnded(batch)) return batch;
      await pause(lookMs, this.#connection.signal(signal));
    }
  }
}

function isEnded(batch: Batch): batch is EndedBatch {
  return batch.finishedAt !== undefined;
}
