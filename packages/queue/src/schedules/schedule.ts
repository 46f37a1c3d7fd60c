import { z } from 'zod';
import { batchRequestSchema } from '../batches/batch.ts';
import { jobRequestSchema } from '../job-request.ts';
import { timeSchema } from '../rfc3339.ts';
import { cronFault, isTimeZone } from './schedule-clock.ts';

const cron = z
  .string()
  .max(256)
  .superRefine((text, context) => {
    const fault = cronFault(text);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .describe('Minute, hour, day, month, day of the week, such as 30 2 * * 1-5');

const shape = {
  cron: cron.optional(),
  everySeconds: z.int().min(10).max(31_536_000).optional(),
  timezone: z
    .string()
    .max(64)
    .refine(isTimeZone, 'must be a time zone such as Europe/Berlin')
    .default('UTC')
    .describe('In which cron is meant'),
  job: jobRequestSchema.optional().describe('As for POST /v1/jobs'),
  batch: batchRequestSchema.optional().describe('As for POST /v1/batches'),
  overlap: z
    .enum(['skip', 'allow'])
    .default('skip')
    .describe('Whether a run is left out while the one before it has not ended'),
  paused: z.boolean().default(false),
};

/** The body of `PUT /v1/schedules/{id}`. */
export const scheduleRequestSchema = z
  .strictObject(shape)
  .refine((request) => (request.cron === undefined) !== (request.everySeconds === undefined), {
    message: 'must have either cron or everySeconds',
  })
  .refine((request) => (request.job === undefined) !== (request.batch === undefined), {
    message: 'must have either job or batch',
  });

export type ScheduleRequest = z.output<typeof scheduleRequestSchema>;

/** What became of one time of a schedule. */
export const scheduleRunSchema = z.object({
  at: timeSchema.describe('The time that it was due, or asked for'),
  by: z.enum(['clock', 'hand']),
  job: z.string().optional().describe('That it made'),
  batch: z.string().optional().describe('That it made'),
  skipped: z.string().optional().describe('Why it made nothing'),
});

export type ScheduleRun = z.output<typeof scheduleRunSchema>;

/** A schedule as it is shown. */
export const scheduleSchema = z.object({
  id: z.string(),
  ...shape,
  next: z.array(timeSchema).describe('The next five times; none while it is paused'),
  createdAt: timeSchema,
  updatedAt: timeSchema,
});

export type Schedule = z.output<typeof scheduleSchema>;

/** What is kept of a schedule; its pause is apart. */
export const keptScheduleSchema = scheduleSchema.omit({ next: true, paused: true });

export type KeptSchedule = z.output<typeof keptScheduleSchema>;
