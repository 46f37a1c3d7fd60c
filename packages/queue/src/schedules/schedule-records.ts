import { DimgxError } from '@dimgx/core';
import { type Idempotency, idempotencyMismatch, idempotencyScript } from '../idempotency.ts';
import { keys as places } from '../key-space.ts';
import { type RedisScript, runScript } from '../lua/redis-script.ts';
import { overRedis } from '../redis-fault.ts';
import type { Redis } from '../redis-options.ts';
import { rfc3339 } from '../rfc3339.ts';
import { claimSchedule } from './lua/claim-schedule.ts';
import { forgetSchedule } from './lua/forget-schedule.ts';
import { noteScheduleRun } from './lua/note-run.ts';
import { pauseSchedule } from './lua/pause-schedule.ts';
import { putSchedule } from './lua/put-schedule.ts';
import { settleSchedule } from './lua/settle-schedule.ts';
import {
  type KeptSchedule,
  keptScheduleSchema,
  type ScheduleRequest,
  type ScheduleRun,
  scheduleRunSchema,
} from './schedule.ts';
import { nextTimes } from './schedule-clock.ts';
import { scheduleKeys as keys } from './schedule-keys.ts';

const maxSchedules = 1000;
/** Longer than it takes to make a batch. Milliseconds. */
const leaseLength = 60_000;

export interface ScheduleRecord {
  readonly schedule: KeptSchedule;
  readonly paused: boolean;
  /** The last run that made something. */
  readonly last: ScheduleRun | undefined;
}

/** A schedule whose run for the time `due`, in ms, is to be made. */
export interface ClaimedSchedule {
  readonly id: string;
  readonly due: number;
}

/** The schedules and what became of their runs; each change is one script. Throws `REDIS_UNREACHABLE`. */
export class ScheduleRecords {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Makes a schedule, or takes the place of the one that is there. Throws `LIMIT_EXCEEDED`. */
  async put(id: string, { paused, ...request }: ScheduleRequest): Promise<{ isNew: boolean }> {
    const now = Date.now();
    const before = await this.find(id);
    const times = { createdAt: before?.schedule.createdAt ?? rfc3339(now), updatedAt: rfc3339(now) };
    const schedule: KeptSchedule = { ...request, id, ...times };
    const [next = 0] = nextTimes(schedule, now, 1);
    const args = [now, JSON.stringify(schedule), paused ? 1 : 0, next, maxSchedules];
    if ((await this.#run(putSchedule, id, args)) === 'full') {
      const message = `there are ${maxSchedules} schedules already: delete one that is not needed`;
      throw new DimgxError('LIMIT_EXCEEDED', message);
    }
    return { isNew: before === undefined };
  }

  async find(id: string): Promise<ScheduleRecord | undefined> {
    return recordOf(await overRedis(() => this.#redis.hgetall(keys.schedule(id))));
  }

  /** Oldest first. */
  async list(): Promise<ScheduleRecord[]> {
    const ids = await overRedis(() => this.#redis.zrange(keys.schedules, '0', '-1'));
    const found = await Promise.all(ids.map((id) => this.find(id)));
    return found.filter((record) => record !== undefined);
  }

  /** Newest first. */
  async runs(id: string): Promise<ScheduleRun[]> {
    const lines = await overRedis(() => this.#redis.lrange(keys.runs(id), 0, -1));
    return lines.map(runOf);
  }

  /** Throws `SCHEDULE_NOT_FOUND`. */
  async pause(id: string, paused: boolean): Promise<void> {
    const { schedule } = (await this.find(id)) ?? noSchedule(id);
    const [next = 0] = nextTimes(schedule, Date.now(), 1, Date.parse(schedule.updatedAt));
    if ((await this.#run(pauseSchedule, id, [paused ? 1 : 0, next])) !== 1) noSchedule(id);
  }

  /** Throws `SCHEDULE_NOT_FOUND`. */
  async forget(id: string): Promise<void> {
    if ((await this.#run(forgetSchedule, id, [])) !== 1) noSchedule(id);
  }

  async claim(): Promise<ClaimedSchedule | undefined> {
    const now = Date.now();
    const args = [now, now + leaseLength];
    const [id, due] = (await runScript(this.#redis, claimSchedule, [keys.due], args)) as string[];
    return id === undefined ? undefined : { id, due: Number(due) };
  }

  /** Times that have passed meanwhile are left out. */
  async settle({ id, due }: ClaimedSchedule, schedule: KeptSchedule, run: ScheduleRun): Promise<void> {
    const [next = 0] = nextTimes(schedule, Date.now(), 1, due);
    await this.#run(settleSchedule, id, [due, next, JSON.stringify(run), madeOf(run)]);
  }

  /** The run that was made for an idempotency key, if one was. Throws `IDEMPOTENCY_MISMATCH`. */
  async runFor({ owner, fingerprint }: Idempotency): Promise<ScheduleRun | undefined> {
    const fields = ['fingerprint', 'id', 'run'] as const;
    const [known, made, run] = await overRedis(() => this.#redis.hmget(places.idempotency(owner), ...fields));
    if (typeof known === 'string' && known !== fingerprint) throw idempotencyMismatch(made ?? '');
    return typeof run === 'string' ? runOf(run) : undefined;
  }

  /** Writes down a run by hand; gives the one that stands for the idempotency key. */
  async note(id: string, run: ScheduleRun, idempotency: Idempotency | undefined): Promise<ScheduleRun> {
    const { key, args } = idempotencyScript(idempotency);
    const given = [id, JSON.stringify(run), madeOf(run), ...args];
    return runOf(String(await runScript(this.#redis, noteScheduleRun, [keys.schedule(id), ...key], given)));
  }

  #run(script: RedisScript, id: string, args: readonly (string | number)[]): Promise<unknown> {
    return runScript(this.#redis, script, [keys.schedule(id)], [id, ...args]);
  }
}

export function noSchedule(id: string): never {
  throw new DimgxError('SCHEDULE_NOT_FOUND', `there is no schedule ${id}`);
}

function recordOf({ schedule, paused, last }: Record<string, string>): ScheduleRecord | undefined {
  if (schedule === undefined) return undefined;
  return {
    schedule: keptScheduleSchema.parse(JSON.parse(schedule)),
    paused: paused === '1',
    last: last === undefined ? undefined : runOf(last),
  };
}

function runOf(text: string): ScheduleRun {
  return scheduleRunSchema.parse(JSON.parse(text));
}

function madeOf({ skipped }: ScheduleRun): 0 | 1 {
  return skipped === undefined ? 1 : 0;
}
