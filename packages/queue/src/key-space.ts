import type { JobState } from './job-record.ts';

/**
 * Every key shares this hash tag. In a Redis Cluster they all lie in one slot, so that one script may change a
 * record and its indexes together.
 */
export const keyPrefix = '{dimgx}';

export const keys = {
  job: (id: string) => `${keyPrefix}:job:${id}`,
  /** What happened to a job: a list of state changes and log lines. */
  journal: (id: string) => `${keyPrefix}:job-journal:${id}`,
  /** All jobs. This and the indexes below hold ids, all with score 0: in the order of their creation, by name. */
  jobs: `${keyPrefix}:jobs`,
  jobsIn: (state: JobState | '') => `${keyPrefix}:jobs:state:${state}`,
  /** The queued or active jobs of a pool; and the names of all pools that had any. */
  jobsOfPool: (pool: string, state: 'queued' | 'active') => `${keyPrefix}:pool:${pool}:${state}`,
  pools: `${keyPrefix}:pools`,
  jobsOfImage: (reference: string) => `${keyPrefix}:jobs:image:${reference}`,
  jobsWithLabel: (name: string, value: string) => `${keyPrefix}:jobs:label:${name}=${value}`,
  jobsFrom: (origin: 'batch' | 'schedule' | 'trigger', id: string) => `${keyPrefix}:jobs:${origin}:${id}`,
  /** Queued jobs, by the time at which they have waited too long. */
  waiting: `${keyPrefix}:jobs-waiting`,
  /** Finished jobs, by the time their record goes. */
  expiring: `${keyPrefix}:jobs-expiring`,
  /** Cancelled jobs that BullMQ may still have. */
  dequeuing: `${keyPrefix}:jobs-dequeuing`,
  /** Artifacts, by their keys in the store and the time they go. */
  artifacts: `${keyPrefix}:artifacts-expiring`,
  /** Uploads that attempts have begun, by the names of the attempts; see `sweepUploads`. */
  uploads: `${keyPrefix}:uploads`,
  idempotency: (owner: string) => `${keyPrefix}:idempotency:${owner}`,
  /** Never there. */
  nowhere: `${keyPrefix}:nowhere`,
  /** Held by the process whose turn it is to do what one does for all. */
  turn: (duty: string) => `${keyPrefix}:turn:${duty}`,
} as const;

export const channels = {
  /** Says that the record or the journal of a job has changed. */
  changed: (id: string) => `${keyPrefix}:job-changed:${id}`,
  /** Tells the ids of jobs that were cancelled while a worker had them. */
  cancelled: `${keyPrefix}:jobs-cancelled`,
} as const;

/** The queue of a pool. BullMQ puts its keys below `keyPrefix` and this name. */
export function queueName(pool: string): string {
  return `flatten-${pool}`;
}
