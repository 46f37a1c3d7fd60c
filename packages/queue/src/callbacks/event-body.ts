import type { Batch } from '../batches/batch.ts';
import { isFinal, type Job } from '../job-record.ts';
import type { CallbackEvent } from './callback-deliveries.ts';
import type { CallbackDelivery } from './callback-delivery.ts';

/** An image may have written much into its config; what is longer is to be asked for. Bytes. */
const maxBody = 256 * 1024;

/** What a finished job has to tell, and whom. Undefined without a job, its end or its callback. */
export function jobEvent(job: Job | undefined): CallbackEvent | undefined {
  if (job?.request.callback === undefined || !isFinal(job.state)) return undefined;
  return { type: `job.${job.state}`, url: job.request.callback.url, job: job.id };
}

/** The same of a batch that has ended. */
export function batchEvent(batch: Batch | undefined): CallbackEvent | undefined {
  if (batch?.callback === undefined || batch.finishedAt === undefined) return undefined;
  return { type: 'batch.completed', url: batch.callback.url, batch: batch.id };
}

/**
 * The body of a delivery: the event as Standard Webhooks lays it out, and what it is about, a job or a batch, as the
 * API shows it.
 */
export function eventBody(
  { type, createdAt, endpoint }: CallbackDelivery,
  about: Job | Batch | undefined,
): string {
  if (about === undefined) return JSON.stringify({ type, timestamp: createdAt, data: { endpoint } });
  const event = { type, timestamp: about.finishedAt ?? createdAt };
  const body = JSON.stringify({ ...event, data: about });
  if (Buffer.byteLength(body) <= maxBody) return body;
  const { result: _, ...rest } = { result: undefined, ...about };
  return JSON.stringify({ ...event, data: rest });
}
