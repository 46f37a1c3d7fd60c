import type { JobState } from './job-record.ts';

/**
 * Every key shares this hash tag. In a Redis Cluster they all lie in one slot, so that one script may change a
 * record and its indexes together.
 */
export const keyPrefix = '{dimgx}';

export const keys = {
  job: (id: string) => `${keyPrefix}:job:${id}`,
  /** All jobs, by the time they were created. */
  jobs: `${keyPrefix}:jobs`,
  /** The jobs of one state, by the time they were created. */
  jobsIn: (state: JobState) => `${keyPrefix}:jobs:${state}`,
  /** Finished jobs, by the time their record goes. */
  expiring: `${keyPrefix}:jobs:expiring`,
  idempotency: (owner: string) => `${keyPrefix}:idempotency:${owner}`,
  /** Held by the process that mends at the moment. */
  mending: `${keyPrefix}:mending`,
} as const;

/** The queue of a pool. BullMQ puts its keys below `keyPrefix` and this name. */
export function queueName(pool: string): string {
  return `flatten-${pool}`;
}
