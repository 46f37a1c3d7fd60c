import type { WriteStream } from 'node:tty';
import type { Progress } from '@dimgx/core';
import { progressBar, progressText } from './progress-line.ts';
import type { ProgressMode } from './progress-mode.ts';
import { Rate } from './rate.ts';

/** Between two plain lines of one phase. */
const plainIntervalMs = 3000;
const defaultColumns = 80;
const startOfLine = '\r\u001b[K';

/** Shows where a run stands, on stderr. `finish` takes the bar away; call it before anything else is written there. */
export interface ProgressDisplay {
  show(progress: Progress): void;
  finish(): void;
}

export interface ProgressOutput {
  readonly stream: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number };
  readonly environment: NodeJS.ProcessEnv;
  /** Milliseconds; the clock of the rate. */
  now(): number;
}

/** On this process's stderr. */
export function showProgress(mode: ProgressMode): ProgressDisplay {
  const { stderr: stream, env: environment } = process;
  return createProgressDisplay(mode, { stream, environment, now: () => performance.now() });
}

/** `auto` draws a bar on a terminal that can, and shows nothing elsewhere. */
export function createProgressDisplay(mode: ProgressMode, output: ProgressOutput): ProgressDisplay {
  const canDraw = output.stream.isTTY === true && output.environment.TERM !== 'dumb';
  const chosen = mode === 'auto' ? (canDraw ? 'bar' : 'none') : mode;
  if (chosen === 'bar') return createBar(output);
  if (chosen === 'plain') return createPlainLines(output);
  return { show: () => {}, finish: () => {} };
}

function createBar({ stream, environment, now }: ProgressOutput): ProgressDisplay {
  const rate = new PhaseRate();
  const color = (environment.NO_COLOR ?? '') === '';
  let drawn = false;
  return {
    show(progress) {
      const bytesPerSecond = rate.at(progress, now());
      // COLUMNS is for those who know better than the terminal does.
      const columns = Number(environment.COLUMNS) || stream.columns || defaultColumns;
      stream.write(`${startOfLine}${progressBar({ progress, bytesPerSecond }, columns, color)}`);
      drawn = true;
    },
    finish() {
      if (drawn) stream.write(startOfLine);
      drawn = false;
    },
  };
}

function createPlainLines({ stream, now }: ProgressOutput): ProgressDisplay {
  const rate = new PhaseRate();
  let last: { readonly phase: string; readonly at: number } | undefined;
  return {
    show(progress) {
      const at = now();
      const bytesPerSecond = rate.at(progress, at);
      if (last?.phase === progress.phase && at - last.at < plainIntervalMs) return;
      last = { phase: progress.phase, at };
      stream.write(`${progressText({ progress, bytesPerSecond })}\n`);
    },
    finish() {},
  };
}

class PhaseRate {
  private readonly rate = new Rate();
  private phase: string | undefined;

  at(progress: Progress, time: number): number {
    if (this.phase !== progress.phase) this.rate.restart();
    this.phase = progress.phase;
    this.rate.add(time, progress.bytes);
    return this.rate.bytesPerSecond;
  }
}
