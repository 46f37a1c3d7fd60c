import { keyPrefix } from '../key-space.ts';

export const scheduleKeys = {
  /** Ids of all schedules, by the time they were made. */
  schedules: `${keyPrefix}:schedules`,
  /**
   * A hash: `schedule` as JSON; `paused`, 1 or 0; `claimed`, the time for which a run is being made, in ms; `last`, the
   * last run that made something, as JSON.
   */
  schedule: (id: string) => `${keyPrefix}:schedule:${id}`,
  /** What became of the last runs, as JSON, newest first. */
  runs: (id: string) => `${keyPrefix}:schedule-runs:${id}`,
  /** The schedules that are not paused, by their next time, or the end of the lease of who makes their run. */
  due: `${keyPrefix}:schedules-due`,
} as const;
