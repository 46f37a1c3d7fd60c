import type { Schedule, ScheduleRun } from '@dimgx/client';
import { DimgxError } from '@dimgx/core';
import { oneLine } from '../error-line.ts';
import { plainTable, plainTime } from '../plain-table.ts';
import type { PutScheduleFlags, ScheduleViewFlags } from './schedule-options.ts';
import { configuredClient } from './service-address.ts';
import { requestTemplate } from './submit-request.ts';

/** `dimgx schedules put`: one image is a job, several are a batch. */
export async function putSchedule(
  id: string,
  images: readonly string[],
  flags: PutScheduleFlags,
  signal: AbortSignal,
): Promise<void> {
  refuseUnfitTimes(flags);
  const { cron, every: everySeconds, timezone, overlap, paused, json } = flags;
  const callback = flags.callback === undefined ? undefined : { url: flags.callback };
  const template = requestTemplate(flags);
  const [image = ''] = images;
  const work =
    images.length === 1
      ? { job: { image, ...template, callback } }
      : { batch: { images, template, callback } };
  const request = { cron, everySeconds, timezone, overlap, paused, ...work };
  const made = await configuredClient(signal).schedules.put(id, request);
  process.stdout.write(json === true ? jsonLine(made) : plainTable(titles, [rowOf(made)]));
}

/** The service would name the fields of its request, and ignore the zone. Throws `USAGE`. */
function refuseUnfitTimes({ cron, every, timezone }: PutScheduleFlags): void {
  if ((cron === undefined) === (every === undefined))
    throw new DimgxError('USAGE', 'a schedule has either --cron or --every');
  if (cron === undefined && timezone !== undefined)
    throw new DimgxError('USAGE', '--timezone goes with --cron alone');
}

/** `dimgx schedules list`: a line a schedule. */
export async function listSchedules(flags: ScheduleViewFlags, signal: AbortSignal): Promise<void> {
  const items = await configuredClient(signal).schedules.list();
  if (flags.json === true) for (const each of items) process.stdout.write(jsonLine(each));
  else process.stdout.write(plainTable(titles, items.map(rowOf)));
}

/** `dimgx schedules status`: the schedule, then its next times and last runs. */
export async function scheduleStatus(
  id: string,
  flags: ScheduleViewFlags,
  signal: AbortSignal,
): Promise<void> {
  const status = await configuredClient(signal).schedules.get(id);
  if (flags.json === true) return void process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  const { schedule, runs } = status;
  const past = runs.map((run) => [plainTime(run.at), run.by, madeBy(run)]);
  const parts = [
    plainTable(titles, [rowOf(schedule)]),
    plainTable(
      ['NEXT TIMES'],
      schedule.next.length === 0 ? [['none']] : schedule.next.map((time) => [plainTime(time)]),
    ),
    plainTable(['LAST RUNS', 'BY', 'MADE'], past.length === 0 ? [['none', '', '']] : past),
  ];
  process.stdout.write(parts.join('\n'));
}

/** `dimgx schedules run|pause|resume|delete`. */
export async function changeSchedule(
  change: 'run' | 'pause' | 'resume' | 'delete',
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { schedules } = configuredClient(signal);
  if (change === 'delete') {
    await schedules.delete(id);
    process.stdout.write(`${id} deleted\n`);
  } else if (change === 'run') {
    const run = await schedules.run(id);
    process.stdout.write(`${oneLine(madeBy(run))}\n`);
    // Nothing is at fault, but what was asked for was not done.
    if (run.skipped !== undefined) process.exitCode = 2;
  } else process.stdout.write(plainTable(titles, [rowOf(await schedules[change](id))]));
}

const titles = ['ID', 'TIMES', 'NEXT', 'IMAGE'];

function rowOf({ id, cron, everySeconds, timezone, next, paused, job, batch }: Schedule): string[] {
  const times = cron === undefined ? `every ${everySeconds} s` : `${cron} ${timezone}`;
  return [id, times, paused ? 'paused' : plainTime(next[0]), job?.image ?? batchText(batch)];
}

function batchText(batch: Schedule['batch']): string {
  if (batch === undefined) return '-';
  return `batch of ${'images' in batch ? batch.images.length : batch.jobs.length}`;
}

/** The job or batch of a run, or why there is none. */
function madeBy({ job, batch, skipped }: ScheduleRun): string {
  return job ?? batch ?? `skipped: ${skipped}`;
}

function jsonLine(schedule: Schedule): string {
  return `${JSON.stringify(schedule)}\n`;
}
