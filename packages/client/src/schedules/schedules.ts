import type { Connection } from '../requests/connection.ts';
import { type IdempotentOptions, path, type RequestOptions } from '../requests/request.ts';
import type { Schedule, ScheduleRequest, ScheduleRun, ScheduleStatus } from './schedule.ts';

/** Jobs and batches by the clock. Ids are yours: a-z, 0-9 and `-`, 63 at the most. */
export class Schedules {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Makes a schedule, or takes the place of the one that is there. */
  put(id: string, request: ScheduleRequest, options?: RequestOptions): Promise<Schedule> {
    const put = { method: 'PUT', path: path`/v1/schedules/${id}`, body: request } as const;
    return this.#connection.json(put, options);
  }

  /** A schedule, and what became of its last runs. Throws `SCHEDULE_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<ScheduleStatus> {
    return this.#connection.json({ path: path`/v1/schedules/${id}` }, options);
  }

  /** All of them, oldest first. */
  list(options?: RequestOptions): Promise<Schedule[]> {
    return this.#connection.items({ path: '/v1/schedules' }, options);
  }

  /** What it has made stays and goes on. */
  delete(id: string, options?: RequestOptions): Promise<void> {
    return this.#connection.nothing({ method: 'DELETE', path: path`/v1/schedules/${id}` }, options);
  }

  /** Runs it now, beside its times, also while it is paused; once, however often it must be asked. */
  run(id: string, options?: IdempotentOptions): Promise<ScheduleRun> {
    return this.#connection.makeOnce(path`/v1/schedules/${id}/run`, options);
  }

  /** From now on it runs by hand alone. */
  pause(id: string, options?: RequestOptions): Promise<Schedule> {
    const pause = { method: 'POST', path: path`/v1/schedules/${id}/pause`, repeatable: true } as const;
    return this.#connection.json(pause, options);
  }

  /** It goes on with its next time. */
  resume(id: string, options?: RequestOptions): Promise<Schedule> {
    const resume = { method: 'POST', path: path`/v1/schedules/${id}/resume`, repeatable: true } as const;
    return this.#connection.json(resume, options);
  }
}
