import { CronExpressionParser } from 'cron-parser';

/** When a schedule runs: by a cron expression in a time zone, or each so many seconds. */
export interface Timing {
  readonly cron?: string | undefined;
  readonly everySeconds?: number | undefined;
  readonly timezone: string;
}

/** What is wrong with a cron expression; undefined if nothing is. */
export function cronFault(cron: string): string | undefined {
  if (!/^\S+( +\S+){4}$/.test(cron))
    return 'must have five fields: minute, hour, day, month, day of the week';
  // To others it is a moment by chance, which would be another one at each look.
  if (/(?<![a-z])h(?![a-z])/i.test(cron)) return 'has no H: give the minute or hour itself';
  if (everComes(cron)) return undefined;
  const texts = cron.split(/ +/);
  const at = texts.findIndex(
    (text, place) => !everComes(['*', '*', '*', '*', '*'].with(place, text).join(' ')),
  );
  const field = fields[at];
  if (field === undefined) return 'is never: none of its months has such a day';
  const ways = 'lists (1,5), ranges (1-5) and steps (*/5) of them, each once';
  return `has ${JSON.stringify(texts[at])} as its ${field.name}: give values from ${field.values}; ${ways}`;
}

const fields = [
  { name: 'minute', values: '0 to 59' },
  { name: 'hour', values: '0 to 23' },
  { name: 'day of the month', values: '1 to 31' },
  { name: 'month', values: '1 to 12, or JAN to DEC' },
  { name: 'day of the week', values: '0 to 7, or SUN to SAT' },
] as const;

function everComes(cron: string): boolean {
  try {
    CronExpressionParser.parse(cron, { tz: 'UTC' }).next();
    return true;
  } catch {
    return false;
  }
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/**
 * The next times after `now`, in ms. A time of day that is left out when clocks go forward is made up for an hour later,
 * one that comes twice when they go back is the first of the two. Intervals are counted from `anchor`.
 */
export function nextTimes(
  { cron, everySeconds, timezone }: Timing,
  now: number,
  count: number,
  anchor = now,
): number[] {
  if (cron === undefined) {
    const step = (everySeconds ?? 0) * 1000;
    const first = anchor + (Math.floor(Math.max(0, now - anchor) / step) + 1) * step;
    return Array.from({ length: count }, (_, at) => first + at * step);
  }
  const times = CronExpressionParser.parse(cron, { tz: timezone, currentDate: new Date(now) });
  return Array.from({ length: count }, () => times.next().getTime());
}
