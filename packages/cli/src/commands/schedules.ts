import { z } from 'zod';
import { plainTable, plainTime } from '../plain-table.ts';
import type { PutScheduleFlags, ScheduleViewFlags } from './schedule-options.ts';
import { configuredClient } from './service-address.ts';
import { requestTemplate } from './submit-request.ts';

/** What the client reads of a schedule; the service may tell more. */
const scheduleSchema = z.looseObject({
  id: z.string(),
  cron: z.string().optional(),
  everySeconds: z.number().optional(),
  timezone: z.string(),
  next: z.array(z.string()),
  paused: z.boolean(),
});

const runSchema = z.looseObject({
  at: z.string(),
  by: z.string(),
  job: z.string().optional(),
  batch: z.string().optional(),
  skipped: z.string().optional(),
});

const listSchema = z.object({ items: z.array(scheduleSchema) });
const statusSchema = z.object({ schedule: scheduleSchema, runs: z.array(runSchema) });

type ScheduleView = z.output<typeof scheduleSchema>;

/** `dimgx schedules put`: one image is a job, several are a batch. */
export async function putSchedule(
  id: string,
  images: readonly string[],
  flags: PutScheduleFlags,
  signal: AbortSignal,
): Promise<void> {
  const { cron, every: everySeconds, timezone, overlap, paused, json } = flags;
  const callback = flags.callback === undefined ? undefined : { url: flags.callback };
  const template = requestTemplate(flags);
  const [image] = images;
  const work =
    images.length === 1
      ? { job: { image, ...template, callback } }
      : { batch: { images, template, callback } };
  const body = { cron, everySeconds, timezone, overlap, paused, ...work };
  const made = scheduleSchema.parse(await configuredClient(signal).ask('PUT', pathOf(id), body));
  process.stdout.write(json === true ? jsonLine(made) : plainTable(titles, [rowOf(made)]));
}

/** `dimgx schedules list`: a line a schedule. */
export async function listSchedules(flags: ScheduleViewFlags, signal: AbortSignal): Promise<void> {
  const { items } = listSchema.parse(await configuredClient(signal).ask('GET', '/v1/schedules'));
  if (flags.json === true) for (const each of items) process.stdout.write(jsonLine(each));
  else process.stdout.write(plainTable(titles, items.map(rowOf)));
}

/** `dimgx schedules status`: the schedule, then its next times and last runs. */
export async function scheduleStatus(
  id: string,
  flags: ScheduleViewFlags,
  signal: AbortSignal,
): Promise<void> {
  const status = statusSchema.parse(await configuredClient(signal).ask('GET', pathOf(id)));
  if (flags.json === true) return void process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  const { schedule, runs } = status;
  const next = schedule.next.map((time) => ['next', plainTime(time), '']);
  const past = runs.map(({ at, by, job, batch, skipped }) => [
    by,
    plainTime(at),
    job ?? batch ?? skipped ?? '',
  ]);
  process.stdout.write(plainTable(['RUN', 'TIME', 'MADE'], [...next.reverse(), ...past]));
}

/** `dimgx schedules run|pause|resume|delete`. */
export async function changeSchedule(
  change: 'run' | 'pause' | 'resume' | 'delete',
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const client = configuredClient(signal);
  if (change === 'delete') {
    await client.ask('DELETE', pathOf(id));
    process.stdout.write(`${id} deleted\n`);
    return;
  }
  const answer = await client.ask('POST', `${pathOf(id)}/${change}`);
  if (change === 'run') {
    const { job, batch, skipped } = runSchema.parse(answer);
    process.stdout.write(`${job ?? batch ?? `skipped: ${skipped}`}\n`);
  } else process.stdout.write(plainTable(titles, [rowOf(scheduleSchema.parse(answer))]));
}

const titles = ['ID', 'TIMES', 'NEXT'];

function rowOf({ id, cron, everySeconds, timezone, next, paused }: ScheduleView): string[] {
  const times = cron === undefined ? `every ${everySeconds} s` : `${cron} ${timezone}`;
  return [id, times, paused ? 'paused' : plainTime(next[0])];
}

function jsonLine(schedule: ScheduleView): string {
  return `${JSON.stringify(schedule)}\n`;
}

function pathOf(id: string): string {
  return `/v1/schedules/${encodeURIComponent(id)}`;
}
