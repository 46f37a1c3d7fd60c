import type { Connection } from '../requests/connection.ts';
import type { RequestOptions } from '../requests/request.ts';
import type { WorkerStatus } from './worker.ts';

/** Who works. */
export class Workers {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** By name. One that stops is gone at once, one that dies after twenty seconds. */
  list(options?: RequestOptions): Promise<WorkerStatus[]> {
    return this.#connection.items({ path: '/v1/workers' }, options);
  }
}
