import type { z } from 'zod';
import { origins } from './job-indexes.ts';
import { fromFields, jobSchema, type jobStates } from './job-record.ts';
import { keys } from './key-space.ts';
import { findJobs } from './lua/find-jobs.ts';
import { runScript } from './lua/redis-script.ts';
import { overRedis } from './redis-fault.ts';
import type { Redis } from './redis-options.ts';

/** What must hold for all jobs of a list; without anything, all are meant. */
export interface JobFilter extends Partial<Record<(typeof origins)[number], string>> {
  readonly state?: (typeof jobStates)[number];
  /** As the request names it. */
  readonly image?: string;
  readonly labels?: readonly { readonly name: string; readonly value: string }[];
}

/** A job without its result, which may be large. */
export const listedJobSchema = jobSchema.omit({ result: true });
export type ListedJob = z.output<typeof listedJobSchema>;

export interface JobPage {
  readonly jobs: readonly ListedJob[];
  /** The job before which the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

/** A request may be as long as a body; a page of such ones ends early. */
const maxPageBytes = 4 * 1024 * 1024;
const readAtOnce = 50;

const listedFields = Object.keys(listedJobSchema.shape);

export class JobListing {
  readonly #redis: Redis;
  readonly #settle: (id: string, index: string) => Promise<void>;

  /** `settle` is told of an id in an index that has no record. */
  constructor(redis: Redis, settle: (id: string, index: string) => Promise<void>) {
    this.#redis = redis;
    this.#settle = settle;
  }

  /**
   * At most `limit` jobs, newest first, beginning before the job `before`: pages do not shift when jobs come or go.
   * One may have fewer jobs than the limit, even none, and others follow. Throws `REDIS_UNREACHABLE`.
   */
  async page(filter: JobFilter, limit: number, before = ''): Promise<JobPage> {
    const indexes = indexesFor(filter);
    const found = await runScript(this.#redis, findJobs, indexes, [before, limit]);
    const [next = '', ...ids] = found as string[];
    const jobs: ListedJob[] = [];
    let bytes = 0;
    for (let from = 0; from < ids.length; from += readAtOnce) {
      for (const { id, record } of await this.#read(ids.slice(from, from + readAtOnce))) {
        if (record === undefined) await Promise.all(indexes.map((index) => this.#settle(id, index)));
        else if (isListed(record.job, filter)) {
          jobs.push(record.job);
          bytes += record.bytes;
        }
        if (bytes > maxPageBytes && id !== ids.at(-1)) return { jobs, next: id };
      }
    }
    return { jobs, next: next === '' ? undefined : next };
  }

  async #read(ids: readonly string[]): Promise<{ id: string; record: ListedRecord | undefined }[]> {
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hmget(keys.job(id), ...listedFields);
    const answers = await overRedis(async () => (await pipeline.exec()) ?? []);
    return ids.map((id, at) => {
      const [error, values] = answers[at] ?? [null, []];
      if (error !== null) throw error;
      return { id, record: listedRecord(values as (string | null)[]) };
    });
  }
}

interface ListedRecord {
  readonly job: ListedJob;
  /** About as many as it takes in an answer. */
  readonly bytes: number;
}

function listedRecord(values: readonly (string | null)[]): ListedRecord | undefined {
  const fields = listedFields.flatMap((name, at) => {
    const value = values[at];
    return value === null || value === undefined ? [] : [[name, value] as const];
  });
  if (fields.length === 0) return undefined;
  const bytes = fields.reduce((sum, [, value]) => sum + value.length, 0);
  return { job: fromFields(Object.fromEntries(fields)).job, bytes };
}

/** It may have changed since it was found, and its time may be over before it is swept. */
function isListed({ state, expiresAt }: ListedJob, filter: JobFilter): boolean {
  const isOver = expiresAt !== undefined && Date.parse(expiresAt) <= Date.now();
  return !isOver && (filter.state === undefined || filter.state === state);
}

function indexesFor(filter: JobFilter): string[] {
  const { state, image, labels = [] } = filter;
  const indexes = [
    ...(state === undefined ? [] : [keys.jobsIn(state)]),
    ...(image === undefined ? [] : [keys.jobsOfImage(image)]),
    ...labels.map(({ name, value }) => keys.jobsWithLabel(name, value)),
    ...origins.flatMap((origin) => {
      const id = filter[origin];
      return id === undefined ? [] : [keys.jobsFrom(origin, id)];
    }),
  ];
  return indexes.length === 0 ? [keys.jobs] : indexes;
}
