import { DimgxError } from '@dimgx/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { JournalEntry } from '../src/job-journal.ts';
import type { Job, JobRecord } from '../src/job-record.ts';
import { jobRequestSchema } from '../src/job-request.ts';
import { type JobEvent, JobWatch } from '../src/job-watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const id = '01234567-89ab-7cde-8f01-23456789abcd';
const at = '2026-11-24T00:00:00.000Z';

/** A job that a test has things happen to, and one reader that watches it. */
class Watched {
  readonly told: string[] = [];
  readonly reader = new AbortController();
  #ring: () => void = () => {};
  readonly #journal: JournalEntry[] = [];
  isListening = false;
  isAway = false;
  isOver = false;
  job: Job = {
    ...{ id, kind: 'flatten', state: 'queued', request: jobRequestSchema.parse({ image: 'a' }) },
    ...{ progress: { phase: 'resolve', bytes: 0, entries: 0 }, attempts: 0, createdAt: at },
  };

  /** What happens is heard of unless it is said to happen silently. */
  becomes(state: Job['state'], isSilent = false): void {
    const change = { id: `${this.#journal.length + 1}-0`, at, state };
    this.#journal.push({ kind: 'state', change });
    this.job = { ...this.job, state };
    if (!isSilent) this.#ring();
  }

  reports(bytes: number): void {
    this.job = { ...this.job, progress: { phase: 'fetch', bytes, entries: 0 } };
    this.#ring();
  }

  forgetJournal(): void {
    this.#journal.length = 0;
  }

  async read(after?: string): Promise<void> {
    const watch = new JobWatch(id, after, {
      records: {
        find: async (): Promise<JobRecord> =>
          this.#whenThere({ job: this.job, attempt: 'a', trace: undefined }),
      },
      journal: {
        read: async (_id, _limit, last = '') => this.#journal.filter((entry) => idOf(entry) > last),
      },
      subscriptions: {
        listen: (_channel, listener) => {
          this.isListening = true;
          this.#ring = () => listener('');
          return () => {
            this.isListening = false;
          };
        },
      },
      lookInterval: 2000,
      heartbeatInterval: 15_000,
    });
    const events = await watch.begin(this.reader.signal);
    if (events === undefined) this.told.push('nothing');
    else void this.#follow(events);
    await vi.advanceTimersByTimeAsync(0);
  }

  async #follow(events: AsyncGenerator<JobEvent>): Promise<void> {
    for await (const event of events) this.told.push(textOf(event));
    this.isOver = true;
  }

  #whenThere<T>(value: T): T {
    if (this.isAway) throw new DimgxError('REDIS_UNREACHABLE', 'away');
    return value;
  }
}

function idOf(entry: JournalEntry): string {
  return entry.kind === 'state' ? entry.change.id : entry.line.id;
}

function textOf(event: JobEvent): string {
  if (event.kind === 'state') return `${event.change.id} ${event.change.state}`;
  return event.kind === 'progress' ? `${event.progress.phase} ${event.progress.bytes}` : event.kind;
}

const soon = () => vi.advanceTimersByTimeAsync(0);

test('a new reader is told the state, what happens, and the end', async () => {
  const watched = new Watched();
  watched.becomes('queued');
  await watched.read();
  watched.becomes('active');
  await soon();
  watched.reports(5);
  await soon();
  watched.becomes('completed');
  await soon();
  expect(watched.told).toEqual(['1-0 queued', '2-0 active', 'resolve 0', 'fetch 5', '3-0 completed']);
  expect(watched.isOver).toBe(true);
  expect(watched.isListening).toBe(false);
});

test('a reader that comes again is told all states after the one that it knows', async () => {
  const watched = new Watched();
  for (const state of ['queued', 'active', 'queued', 'active', 'failed'] as const) watched.becomes(state);
  await watched.read('2-0');
  expect(watched.told).toEqual(['3-0 queued', '4-0 active', '5-0 failed']);
  expect(watched.isOver).toBe(true);
});

test('a reader that knows the end is told nothing', async () => {
  const watched = new Watched();
  watched.becomes('queued');
  watched.becomes('cancelled');
  await watched.read('2-0');
  expect(watched.told).toEqual(['nothing']);
});

test('the state of an ended job is told though its journal is gone', async () => {
  const watched = new Watched();
  watched.becomes('completed');
  watched.forgetJournal();
  await watched.read();
  expect(watched.told).toEqual([`${Date.parse(at)}-0 completed`]);
});

test('what is not heard of is seen within the interval', async () => {
  const watched = new Watched();
  watched.becomes('queued');
  await watched.read();
  watched.becomes('failed', true);
  await vi.advanceTimersByTimeAsync(1999);
  expect(watched.isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(watched.told).toEqual(['1-0 queued', '2-0 failed']);
});

test('while nothing happens a heartbeat comes from time to time', async () => {
  const watched = new Watched();
  watched.becomes('queued');
  await watched.read();
  await vi.advanceTimersByTimeAsync(34_000);
  expect(watched.told).toEqual(['1-0 queued', 'heartbeat', 'heartbeat']);
});

test('a Redis that goes away and comes back is waited for', async () => {
  const watched = new Watched();
  watched.becomes('queued');
  await watched.read();
  watched.isAway = true;
  watched.becomes('active');
  await vi.advanceTimersByTimeAsync(5000);
  expect(watched.told).toEqual(['1-0 queued']);
  watched.isAway = false;
  await vi.advanceTimersByTimeAsync(2000);
  expect(watched.told).toEqual(['1-0 queued', '2-0 active', 'resolve 0']);
});

test('a reader that goes ends the watch', async () => {
  const watched = new Watched();
  watched.becomes('queued');
  await watched.read();
  watched.reader.abort();
  await soon();
  expect(watched.isOver).toBe(true);
  expect(watched.isListening).toBe(false);
});
