import { z } from 'zod';
import { timeSchema } from '../rfc3339.ts';

/** The events that callbacks tell. */
export const eventTypes = [
  ...(['job.completed', 'job.failed', 'job.cancelled', 'batch.completed', 'callback.ping'] as const),
] as const;
export type EventType = (typeof eventTypes)[number];

const attemptSchema = z.object({
  at: timeSchema,
  durationMs: z.int().nonnegative(),
  status: z.int().optional().describe('What the receiver answered'),
  fault: z.string().optional().describe('Why there was no answer'),
});

/** One event on its way to one endpoint: a line of the delivery log. */
export const callbackDeliverySchema = z.object({
  id: z.string().describe('The webhook-id, the same in all attempts'),
  endpoint: z.string(),
  type: z.enum(eventTypes),
  job: z.string().optional(),
  batch: z.string().optional(),
  state: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.array(attemptSchema).describe('The last ones, oldest first'),
  createdAt: timeSchema,
  nextAttemptAt: timeSchema.optional(),
  finishedAt: timeSchema.optional(),
});

export type CallbackDelivery = z.output<typeof callbackDeliverySchema>;
export type DeliveryAttempt = z.output<typeof attemptSchema>;

/** A delivery with what only its sender needs. */
export interface DeliveryRecord {
  readonly delivery: CallbackDelivery;
  /** In full, with its query. */
  readonly url: string;
  /** Attempts since it was queued, or queued again by hand. */
  readonly tries: number;
}

/** Reads a delivery's Redis hash; undefined if there is none. */
export function deliveryOf(fields: Readonly<Record<string, string>>): DeliveryRecord | undefined {
  const { url = '', tries, attempts = '[]', ...rest } = fields;
  if (rest.id === undefined) return undefined;
  const delivery = callbackDeliverySchema.parse({ ...rest, attempts: JSON.parse(attempts) });
  return { delivery, url, tries: Number(tries) };
}
