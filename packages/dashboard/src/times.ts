import { element } from './elements.ts';

const moment = {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const;

/** The reader's time zone, in which all times are shown. */
export function zoneText(): string {
  return `Times are in ${Intl.DateTimeFormat().resolvedOptions().timeZone}.`;
}

/** A time in the reader's zone and words; with the zone, and the year, on hovering. */
export function timeOf(iso: string): HTMLTimeElement {
  const title = new Date(iso).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'long' });
  return element('time', { datetime: iso, title }, timeText(iso));
}

/** A year that is not this one is said. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  const year = time.getFullYear() === new Date().getFullYear() ? {} : ({ year: 'numeric' } as const);
  return time.toLocaleString(undefined, { ...year, ...moment });
}
