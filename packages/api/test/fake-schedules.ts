import { DimgxError } from '@dimgx/core';
import type { Idempotency, Schedule, ScheduleRequest, ScheduleRun, Schedules } from '@dimgx/queue';

const at = '2026-11-24T00:00:00.000Z';
export const run: ScheduleRun = { at, by: 'hand', job: '01234567-89ab-7cde-8f01-23456789abcd' };

/** Schedules in memory. */
export class FakeSchedules implements Omit<Schedules, 'close'> {
  readonly known = new Map<string, Schedule>();

  async put(id: string, request: ScheduleRequest): Promise<{ schedule: Schedule; isNew: boolean }> {
    const schedule: Schedule = { ...request, id, next: [at], createdAt: at, updatedAt: at };
    const isNew = !this.known.has(id);
    this.known.set(id, schedule);
    return { schedule, isNew };
  }

  async find(id: string): Promise<{ schedule: Schedule; runs: ScheduleRun[] }> {
    const schedule = this.known.get(id);
    if (schedule === undefined) throw new DimgxError('SCHEDULE_NOT_FOUND', `there is no schedule ${id}`);
    return { schedule, runs: [run] };
  }

  async list(): Promise<Schedule[]> {
    return [...this.known.values()];
  }

  async forget(id: string): Promise<void> {
    await this.find(id);
    this.known.delete(id);
  }

  async pause(id: string, paused: boolean): Promise<Schedule> {
    const schedule = { ...(await this.find(id)).schedule, paused };
    this.known.set(id, schedule);
    return schedule;
  }

  readonly ran: (Idempotency | undefined)[] = [];

  async run(
    id: string,
    { idempotency }: { idempotency?: Idempotency | undefined } = {},
  ): Promise<ScheduleRun> {
    await this.find(id);
    this.ran.push(idempotency);
    return run;
  }
}
