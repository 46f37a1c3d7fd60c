import type { Progress } from '@dimgx/core';
import { formatBytes, formatClock, formatCount } from '../quantity.ts';

const dim = '\u001b[2m';
const plain = '\u001b[0m';
const widestBar = 30;
const narrowestBar = 8;

/** What a line of progress is drawn from. */
export interface ProgressFigures {
  readonly progress: Progress;
  readonly bytesPerSecond: number;
}

/** Phase, bytes, share, rate, time left and entries, as far as they are known. */
export function progressText({ progress, bytesPerSecond }: ProgressFigures): string {
  const { phase, bytes, totalBytes, entries } = progress;
  const parts: string[] = [phase.padEnd('resolve'.length)];
  if (bytes > 0 || totalBytes !== undefined) parts.push(...bytesDone(progress));
  if (bytesPerSecond > 0) {
    parts.push(`${formatBytes(bytesPerSecond)}/s`);
    if (totalBytes !== undefined) {
      parts.push(`${formatClock(Math.max(0, totalBytes - bytes) / bytesPerSecond)} left`);
    }
  }
  if (entries > 0) parts.push(formatCount(entries, 'entry', 'entries'));
  return parts.join('  ');
}

/** Bytes and, where it is known how many there will be, the share that they are. */
export function bytesDone(progress: Progress): string[] {
  const { bytes, totalBytes } = progress;
  if (totalBytes === undefined) return [formatBytes(bytes)];
  const percent = Math.floor(share(progress) * 100);
  return [`${formatBytes(bytes)} of ${formatBytes(totalBytes)}`, `${percent} %`];
}

/** `progressText` with a bar in front where there is room for one, never wider than `columns`. */
export function progressBar(figures: ProgressFigures, columns: number, color: boolean): string {
  const text = progressText(figures);
  if (figures.progress.totalBytes === undefined) return text.slice(0, columns - 1);
  return barBefore(text, share(figures.progress), columns, color);
}

/** A text with a bar in front, of which a share is filled, where there is room for one; never wider than `columns`. */
export function barBefore(text: string, share: number, columns: number, color: boolean): string {
  // The last column stays empty: a full line makes some terminals wrap.
  const room = Math.min(widestBar, columns - 1 - text.length - '[]  '.length);
  if (room < narrowestBar) return text.slice(0, columns - 1);
  const filled = Math.round(share * room);
  const rest = '-'.repeat(room - filled);
  return `[${'#'.repeat(filled)}${color ? `${dim}${rest}${plain}` : rest}]  ${text}`;
}

function share({ bytes, totalBytes }: Progress): number {
  if (totalBytes === undefined) return 0;
  return totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
}
