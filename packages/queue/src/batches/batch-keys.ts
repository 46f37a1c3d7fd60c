import { keyPrefix } from '../key-space.ts';

export const batchKeys = {
  batch: (id: string) => `${keyPrefix}:batch:${id}`,
  /** The requests of a batch whose jobs are not all made yet, as JSON, in their order. */
  items: (id: string) => `${keyPrefix}:batch-items:${id}`,
  /** Ids of all batches, all with score 0: in the order of their creation, by name. */
  batches: `${keyPrefix}:batches`,
  /** Batches with jobs to make or to cancel, by the time of the next step, or the end of the present one's lease. */
  due: `${keyPrefix}:batches-due`,
  /** Batches that have ended, by the time their record goes. */
  expiring: `${keyPrefix}:batches-expiring`,
} as const;

/** The entry of a batch in the outbox of callbacks, where jobs stand with their bare ids. */
export const batchEntryPrefix = 'batch:';

/** Of the fields of a batch that count retries; a code follows. */
export const retriesPrefix = 'retries:';
