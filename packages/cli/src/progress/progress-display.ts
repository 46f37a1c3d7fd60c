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
  const chosen = mode === 'auto' ? (canDraw(output) ? 'bar' : 'none') : mode;
  if (chosen === 'bar') return createBar(output);
  if (chosen === 'plain') return createPlainLines(output);
  return { show: () => {}, finish: () => {} };
}

function createBar(output: ProgressOutput): ProgressDisplay {
  const rate = new PhaseRate();
  const line = createLine(output);
  return {
    show(progress) {
      const bytesPerSecond = rate.at(progress, output.now());
      line.draw((columns, color) => progressBar({ progress, bytesPerSecond }, columns, color));
    },
    finish: line.finish,
  };
}

/** One line of a terminal that is drawn again and again. */
export interface DrawnLine {
  /** `text` is given the width of the terminal, and whether it shows colors. */
  draw(text: (columns: number, color: boolean) => string): void;
  /** Takes the line away. */
  finish(): void;
}

/** Undefined where nothing can be drawn. */
export function drawnLine(output: Omit<ProgressOutput, 'now'>): DrawnLine | undefined {
  return canDraw(output) ? createLine(output) : undefined;
}

function canDraw({ stream, environment }: Omit<ProgressOutput, 'now'>): boolean {
  return stream.isTTY === true && environment.TERM !== 'dumb';
}

function createLine({ stream, environment }: Omit<ProgressOutput, 'now'>): DrawnLine {
  const color = (environment.NO_COLOR ?? '') === '';
  let drawn = false;
  return {
    draw(text) {
      // COLUMNS is for those who know better than the terminal does.
      const columns = Number(environment.COLUMNS) || stream.columns || defaultColumns;
      stream.write(`${startOfLine}${text(columns, color)}`);
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
