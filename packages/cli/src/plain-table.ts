import { oneLine } from './error-line.ts';

/** Rows below their titles, each column as wide as its widest text; the last one as it is. */
export function plainTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  return plainRows([titles, ...rows]);
}

/** The same without titles; rows have as many columns as the first. */
export function plainRows(rows: readonly (readonly string[])[]): string {
  const all = rows.map((row) => row.map(oneLine));
  const widths = (all[0] ?? []).map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** A time as the command shows it: UTC, to the second. What is none, as images may have it, is a dash. */
export function plainTime(time: string | undefined): string {
  const at = new Date(time ?? '');
  return Number.isNaN(at.getTime()) ? '-' : at.toISOString().replace('T', ' ').replace(/\.\d+/, '');
}
