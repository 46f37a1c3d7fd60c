import { DimgxError, type Progress } from '@dimgx/core';
import { Bell } from './bell.ts';
import type { JobJournal, StateChange } from './job-journal.ts';
import { isFinal, type Job } from './job-record.ts';
import type { JobRecords } from './job-records.ts';
import { channels } from './key-space.ts';
import { maxJournal } from './lua/job-life.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What whoever watches a job is told. */
export type JobEvent =
  | { readonly kind: 'state'; readonly change: StateChange }
  /** How far it is now; steps between two of them may be left out. */
  | { readonly kind: 'progress'; readonly progress: Progress }
  /** Nothing has happened for a while, and all is well. */
  | { readonly kind: 'heartbeat'; readonly at: string };

export interface JobWatchSettings {
  readonly records: Pick<JobRecords, 'find'>;
  readonly journal: Pick<JobJournal, 'read'>;
  readonly subscriptions: Pick<Subscriptions, 'listen'>;
  /** Between two looks at a job of which nothing is heard. Milliseconds. */
  readonly lookInterval: number;
  readonly heartbeatInterval: number;
}

interface Look {
  /** Undefined if its time is over. */
  readonly job: Job | undefined;
  readonly changes: readonly StateChange[];
}

/** Watches one job for one reader. */
export class JobWatch {
  readonly #id: string;
  readonly #settings: JobWatchSettings;
  #last: string | undefined;

  /** `after` names the last change of state that the reader knows, if it knows one. */
  constructor(id: string, after: string | undefined, settings: JobWatchSettings) {
    this.#id = id;
    this.#last = after;
    this.#settings = settings;
  }

  /**
   * What happens until the job has ended or `signal` is aborted: of the states all that come after the one that the
   * reader knows, or else the last and those to come. While Redis is away nothing happens.
   *
   * Undefined if the reader knows the end of the job already. Throws `JOB_NOT_FOUND` or `REDIS_UNREACHABLE`.
   */
  async begin(signal: AbortSignal): Promise<AsyncGenerator<JobEvent> | undefined> {
    const look = await this.#look();
    if (look.job === undefined) {
      throw new DimgxError('JOB_NOT_FOUND', `there is no job ${this.#id}, or not any more`);
    }
    const knowsAll = this.#last !== undefined && isFinal(look.job.state) && look.changes.length === 0;
    return knowsAll ? undefined : this.#events(look, signal);
  }

  async *#events(first: Look, signal: AbortSignal): AsyncGenerator<JobEvent> {
    const { subscriptions, lookInterval, heartbeatInterval } = this.#settings;
    const bell = new Bell();
    const stopListening = subscriptions.listen(channels.changed(this.#id), bell.ring);
    try {
      let shown: string | undefined;
      let toldAt = performance.now();
      for (let look: Look | undefined = first; !signal.aborted; look = await this.#lookUnlessAway()) {
        for (const event of this.#news(look, shown)) {
          yield event;
          toldAt = performance.now();
          if (event.kind === 'progress') shown = JSON.stringify(event.progress);
        }
        if (look !== undefined && (look.job === undefined || isFinal(look.job.state))) return;
        if (performance.now() - toldAt >= heartbeatInterval) {
          yield { kind: 'heartbeat', at: new Date().toISOString() };
          toldAt = performance.now();
        }
        await bell.wait(lookInterval, signal);
      }
    } finally {
      stopListening();
    }
  }

  *#news(look: Look | undefined, shown: string | undefined): Generator<JobEvent> {
    for (const change of look?.changes ?? []) {
      this.#last = change.id;
      yield { kind: 'state', change };
    }
    const { state, progress } = look?.job ?? {};
    const isNew = progress !== undefined && JSON.stringify(progress) !== shown;
    if (state === 'active' && isNew) yield { kind: 'progress', progress };
  }

  /** The record is read before the journal, which then has all that the record says. */
  async #look(): Promise<Look> {
    const { records, journal } = this.#settings;
    const job = (await records.find(this.#id))?.job;
    const entries = await journal.read(this.#id, maxJournal, this.#last);
    const changes = entries.flatMap((entry) => (entry.kind === 'state' ? [entry.change] : []));
    if (this.#last !== undefined || job === undefined) return { job, changes };
    return { job, changes: [changes.at(-1) ?? lastChangeOf(job)] };
  }

  async #lookUnlessAway(): Promise<Look | undefined> {
    try {
      return await this.#look();
    } catch (error) {
      if (error instanceof DimgxError && error.code === 'REDIS_UNREACHABLE') return undefined;
      throw error;
    }
  }
}

/** Of a job whose journal has gone before its record. */
function lastChangeOf({ state, createdAt, startedAt, finishedAt, error }: Job): StateChange {
  const at = finishedAt ?? startedAt ?? createdAt;
  return { id: `${Date.parse(at)}-0`, at, state, error };
}
