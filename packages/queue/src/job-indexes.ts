import type { Job } from './job-record.ts';
import { keys } from './key-space.ts';

/** Where a job comes from, if not from a request of its own. */
export interface JobOrigin {
  readonly batch?: string;
  readonly schedule?: string;
  readonly trigger?: string;
  /** The job that this one does again. */
  readonly retryOf?: string;
}

export const origins = ['batch', 'schedule', 'trigger'] as const;

/** What a job can be found by for as long as it is known; its state, which changes, is left to the scripts. */
export function indexesOf(job: Pick<Job, 'request' | (typeof origins)[number]>): string[] {
  const { image, labels = {} } = job.request;
  return [
    keys.jobs,
    keys.jobsOfImage(image),
    ...Object.entries(labels).map(([name, value]) => keys.jobsWithLabel(name, value)),
    ...origins.flatMap((origin) => {
      const id = job[origin];
      return id === undefined ? [] : [keys.jobsFrom(origin, id)];
    }),
  ];
}
