import type { Phase, Progress } from '@dimgx/core';
import type { AttemptLine } from '@dimgx/queue';
import type { Logger } from 'pino';

/** What begins with a phase, for whoever follows the log. */
const beginnings: Record<Phase, string> = {
  resolve: 'asking what the image is',
  fetch: 'fetching what it is made of',
  plan: 'applying the layers',
  flatten: 'writing the tar',
  upload: 'handing the last bytes to the store',
};

/** What an attempt has to tell: to the log of the worker and, line by line in their order, to the job's own. */
export class AttemptLog {
  readonly #log: Logger;
  readonly #note: (line: AttemptLine) => Promise<void>;
  #writing = Promise.resolve();
  #latest: Progress | undefined;

  /** `note` writes a line to the job's log. */
  constructor(log: Logger, note: (line: AttemptLine) => Promise<void>) {
    this.#log = log;
    this.#note = note;
  }

  /** Never throws, never waits; `fields` are for the worker's log alone. */
  info(message: string, fields: object = {}): void {
    this.#log.info(fields, message);
    this.#write({ level: 'info', message });
  }

  /** Never throws, never waits; `fields` are for the worker's log alone. */
  warn(message: string, fields: object = {}): void {
    this.#log.warn(fields, message);
    this.#write({ level: 'warn', message });
  }

  /** Tells of a phase that begins, and what the one before came to, after so many ms. */
  follow(progress: Progress, took = 0): void {
    const before = this.#latest;
    this.#latest = progress;
    if (before?.phase === progress.phase) return;
    if (before !== undefined) {
      const { phase, bytes, entries } = before;
      const message = `done in ${Math.round(took)} ms: ${bytes} bytes, ${entries} entries`;
      this.#write({ level: 'info', phase, message });
    }
    this.#log.info({ phase: progress.phase }, 'phase');
    this.#write({ level: 'info', message: beginnings[progress.phase] });
  }

  /** Resolves when all lines are written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  #write(line: AttemptLine): void {
    const placed = { phase: this.#latest?.phase, ...line };
    this.#writing = this.#writing
      .then(() => this.#note(placed))
      .catch((err: unknown) => this.#log.warn({ err }, 'can not write its log'));
  }
}
