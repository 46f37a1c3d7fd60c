import { type Progress, phases } from '@dimgx/core';

/** Takes the last progress; resolves when it is written. */
export type ProgressWriter = (progress: Progress) => Promise<void>;

/**
 * Thins out the progress of one attempt: it never goes back, at most one is written per `interval` and only when the
 * one before has been, and the last one of a burst is not lost.
 */
export class ProgressReporter {
  readonly #write: ProgressWriter;
  readonly #interval: number;
  #latest: Progress = { phase: 'resolve', bytes: 0, entries: 0 };
  #written = this.#latest;
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  /** `write` must not throw. `interval` in milliseconds. */
  constructor(write: ProgressWriter, interval: number) {
    this.#write = write;
    this.#interval = interval;
  }

  /** How far the attempt is. */
  get latest(): Progress {
    return this.#latest;
  }

  /** Never throws, never waits. */
  report(progress: Progress): void {
    if (this.#isClosed || isBehind(progress, this.#latest)) return;
    this.#latest = progress;
    this.#flush();
  }

  /** Writes nothing any more; resolves when nothing is being written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#writing;
  }

  #flush(): void {
    const isBusy = this.#timer !== undefined || this.#writing !== undefined;
    if (this.#isClosed || isBusy || this.#written === this.#latest) return;
    this.#written = this.#latest;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, this.#interval);
    this.#writing = this.#write(this.#latest).finally(() => {
      this.#writing = undefined;
      this.#flush();
    });
  }
}

function isBehind(progress: Progress, latest: Progress): boolean {
  const step = phases.indexOf(progress.phase) - phases.indexOf(latest.phase);
  if (step !== 0) return step < 0;
  return progress.bytes < latest.bytes || progress.entries < latest.entries;
}
