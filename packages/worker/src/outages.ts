import { setTimeout as delay } from 'node:timers/promises';
import { type DimgxError, toDimgxError } from '@dimgx/core';
import type { WorkerOutage } from '@dimgx/queue';
import type { Logger } from 'pino';
import type { NeededPart } from './needed-parts.ts';

/** What takes jobs, as BullMQ's worker does. */
export interface JobTaker {
  /** Told `true`, it does not wait for the jobs that run. */
  pause(doNotWaitActive: boolean): Promise<void>;
  resume(): Promise<void>;
}

export interface OutagesSettings {
  readonly parts: readonly NeededPart[];
  /** Aborted when the worker takes no more jobs anyway. */
  readonly draining: AbortSignal;
  readonly log: Logger;
}

/** Milliseconds between two looks at a part that is away: doubled from look to look. */
const firstLook = 500;
const rarestLook = 10_000;

/**
 * What keeps a worker from its jobs while a part that they need is away: it would fail one after the other. A part is
 * looked at when a job has met a fault that its absence would explain, so what only one job meets stops nothing.
 */
export class Outages {
  readonly #settings: OutagesSettings;
  readonly #takers: JobTaker[] = [];
  readonly #looks = new Map<NeededPart, Promise<DimgxError | undefined>>();
  readonly #away = new Map<NeededPart, WorkerOutage>();

  constructor(settings: OutagesSettings) {
    this.#settings = settings;
  }

  /** What is away now; while anything is, no jobs are taken. */
  get current(): readonly WorkerOutage[] {
    return [...this.#away.values()];
  }

  /** Stops the taker in each outage to come, and lets it go on after that. */
  govern(taker: JobTaker): void {
    this.#takers.push(taker);
  }

  /** The outage that the fault is a part of, which has begun when this resolves. Never throws. */
  async behind(fault: DimgxError): Promise<WorkerOutage | undefined> {
    const part = this.#settings.parts.find(({ codes }) => codes.has(fault.code));
    if (part === undefined || !part.isExpected()) return undefined;
    if (!this.#away.has(part)) {
      const absence = await this.#look(part);
      if (absence !== undefined && !this.#away.has(part)) await this.#begin(part, absence);
    }
    return this.#away.get(part);
  }

  /** What several jobs meet at once is looked at once. Gives what is wrong. */
  #look(part: NeededPart): Promise<DimgxError | undefined> {
    const running = this.#looks.get(part);
    if (running !== undefined) return running;
    const look = part
      .check()
      .then(
        () => undefined,
        (thrown: unknown) => toDimgxError(thrown),
      )
      // A fault of another kind is not that the part is away.
      .then((fault) => (fault !== undefined && part.codes.has(fault.code) ? fault : undefined))
      .finally(() => this.#looks.delete(part));
    this.#looks.set(part, look);
    return look;
  }

  async #begin(part: NeededPart, absence: DimgxError): Promise<void> {
    const { code } = absence;
    this.#away.set(part, { part: part.name, code, since: new Date().toISOString() });
    this.#settings.log.error(
      { err: absence, code },
      `the ${part.name} is away: takes no jobs until it is back`,
    );
    await Promise.all(this.#takers.map((taker) => taker.pause(true)));
    void this.#waitFor(part);
  }

  async #waitFor(part: NeededPart): Promise<void> {
    const { draining, log } = this.#settings;
    const begun = performance.now();
    const waited = () => performance.now() - begun;
    let absence: DimgxError | undefined;
    let pause = firstLook;
    do {
      await delay(pause, undefined, { signal: draining }).catch(() => {});
      if (draining.aborted) return;
      pause = Math.min(2 * pause, rarestLook);
      absence = await this.#look(part);
    } while (absence !== undefined && waited() < part.patience);

    this.#away.delete(part);
    const seconds = Math.round(waited() / 1000);
    if (absence === undefined) log.warn({ seconds }, `the ${part.name} is back: takes jobs again`);
    else {
      part.giveUp();
      log.error(
        { err: absence, seconds },
        `the ${part.name} stays away: takes jobs again, for those without it`,
      );
    }
    if (this.#away.size === 0 && !draining.aborted) {
      await Promise.all(this.#takers.map((taker) => taker.resume()));
    }
  }
}
