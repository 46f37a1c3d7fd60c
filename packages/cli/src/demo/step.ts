import { oneLine } from '../error-line.ts';
import { type ProgressDisplay, showProgress } from '../progress/progress-display.ts';
import { formatDuration } from '../quantity.ts';

/** Says what was done and how long it took, on stderr; shows its progress on a terminal meanwhile. */
export async function step<T>(
  name: string,
  work: (display: ProgressDisplay) => Promise<[T, string]>,
): Promise<T> {
  const started = performance.now();
  const display = showProgress('auto');
  try {
    const [result, told] = await work(display);
    display.finish();
    say(name, `${told} (${formatDuration(performance.now() - started)})`);
    return result;
  } finally {
    display.finish();
  }
}

/** A line about a step, or a part of the service, on stderr. */
export function say(what: string, line: string): void {
  process.stderr.write(`${what.padEnd(10)} ${oneLine(line)}\n`);
}
