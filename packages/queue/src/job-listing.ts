import type { Redis } from 'ioredis';
import type { z } from 'zod';
import { origins } from './job-indexes.ts';
import { fromFields, jobSchema, type jobStates } from './job-record.ts';
import { keys } from './key-space.ts';
import { findJobs } from './lua/find-jobs.ts';
import { runScript } from './lua/redis-script.ts';
import { overRedis } from './redis-fault.ts';

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
    const records = await this.#read(ids);
    const jobs: ListedJob[] = [];
    for (const [at, id] of ids.entries()) {
      const job = records[at];
      if (job === undefined) await Promise.all(indexes.map((index) => this.#settle(id, index)));
      else if (isListed(job, filter)) jobs.push(job);
    }
    return { jobs, next: next === '' ? undefined : next };
  }

  async #read(ids: readonly string[]): Promise<(ListedJob | undefined)[]> {
    if (ids.length === 0) return [];
    const pipeline = this.#redis.pipeline();
    for (const id of ids) pipeline.hmget(keys.job(id), ...listedFields);
    return overRedis(async () => {
      const answers = (await pipeline.exec()) ?? [];
      return answers.map(([error, values]) => {
        if (error !== null) throw error;
        return listedJob(values as (string | null)[]);
      });
    });
  }
}

function listedJob(values: readonly (string | null)[]): ListedJob | undefined {
  const fields = listedFields.flatMap((name, at) => {
    const value = values[at];
    return value === null || value === undefined ? [] : [[name, value] as const];
  });
  return fields.length === 0 ? undefined : fromFields(Object.fromEntries(fields)).job;
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
