import { keyPrefix } from '../key-space.ts';

export const triggerKeys = {
  /** Ids of all triggers, by the time they were made. */
  triggers: `${keyPrefix}:triggers`,
  /** A trigger as JSON, without its secret. */
  trigger: (id: string) => `${keyPrefix}:trigger:${id}`,
  secret: (id: string) => `${keyPrefix}:trigger-secret:${id}`,
  /** Says that an event was acted upon. */
  seen: (trigger: string, event: string) => `${keyPrefix}:trigger-seen:${trigger}:${event}`,
  /** What became of the last pushes, as JSON, newest first. */
  log: (id: string) => `${keyPrefix}:trigger-log:${id}`,
  /** The last push of each tag that still wants its job, by trigger and tag. */
  pending: `${keyPrefix}:trigger-pushes`,
  /** The same by the time at which the job is to be made, or at which the lease of who makes it ends. */
  due: `${keyPrefix}:trigger-pushes-due`,
} as const;
