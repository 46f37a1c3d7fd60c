import type { ScheduleRequest } from '@dimgx/client';
import { type Command, Option } from 'commander';
import { wholeNumber } from './option-parsers.ts';
import { where } from './service-help.ts';
import { addJobOptions, type JobFlags } from './submit-options.ts';

/** What `dimgx schedules put` was asked for, as commander gives it. */
export interface PutScheduleFlags extends JobFlags {
  readonly cron?: string;
  readonly every?: number;
  readonly timezone?: string;
  readonly overlap?: ScheduleRequest['overlap'];
  readonly callback?: string;
  readonly paused?: true;
  readonly json?: true;
}

export interface ScheduleViewFlags {
  readonly json?: true;
}

const help = `
${where}

Examples:
  dimgx schedules put nightly docker-daemon:app:latest --cron '30 2 * * *' --timezone Europe/Berlin --pull always
  dimgx schedules list
  dimgx schedules run nightly`;

/** The commands that deal with schedules. */
export function defineSchedules(program: Command, signal: AbortSignal): void {
  const group = program
    .command('schedules')
    .description('jobs of the service by the clock')
    .addHelpText('afterAll', help);
  const put = group
    .command('put')
    .description('make a schedule, or take the place of the one that is there; several images are a batch')
    .argument('<id>', 'a-z, 0-9 and "-"')
    .argument('<image...>', 'as of submit')
    .option('--cron <fields>', 'minute, hour, day, month, day of the week')
    .option('--every <seconds>', 'instead of --cron', wholeNumber)
    .option('--timezone <name>', 'in which --cron is meant (UTC)')
    .addOption(new Option('--overlap <what>', 'while the last run has not ended').choices(['skip', 'allow']))
    .option('--callback <url>', 'to be told the end of each job, or of the batch')
    .option('--paused', 'run it by hand alone')
    .option('--json', 'the schedule as JSON');
  addJobOptions(put).action(async (id: string, images: string[], flags: PutScheduleFlags) =>
    (await import('./schedules.ts')).putSchedule(id, images, flags, signal),
  );
  group
    .command('list')
    .description('the schedules, oldest first')
    .option('--json', 'the schedules as JSON, a line each')
    .action(async (flags: ScheduleViewFlags) =>
      (await import('./schedules.ts')).listSchedules(flags, signal),
    );
  group
    .command('status')
    .description('the next times of a schedule, and what became of its last runs')
    .argument('<id>')
    .option('--json', 'all of it as JSON')
    .action(async (id: string, flags: ScheduleViewFlags) =>
      (await import('./schedules.ts')).scheduleStatus(id, flags, signal),
    );
  for (const [name, description] of [
    ['run', 'run a schedule now, beside its times'],
    ['pause', 'have a schedule run by hand alone'],
    ['resume', 'have a schedule go on with its next time'],
    ['delete', 'delete a schedule; what it made stays'],
  ] as const) {
    group
      .command(name)
      .description(description)
      .argument('<id>')
      .action(async (id: string) => (await import('./schedules.ts')).changeSchedule(name, id, signal));
  }
}
