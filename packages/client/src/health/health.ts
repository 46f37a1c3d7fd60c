import type { Connection } from '../requests/connection.ts';
import type { RequestOptions } from '../requests/request.ts';

/** All that jobs need is there. */
export interface Readiness {
  readonly status: 'ok';
  readonly parts: { readonly redis: PartHealth; readonly store: PartHealth };
}

/** Whether a part that jobs need answers, and what is wrong with one that does not. */
export interface PartHealth {
  readonly ready: boolean;
  readonly code?: string;
  readonly message?: string;
}

/** Whether the service is well, as it is now: asked once unless `patienceMs` is given. Needs no API key. */
export class Health {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The process serves. */
  live(options?: RequestOptions): Promise<{ status: 'ok' }> {
    return this.#connection.json({ path: '/livez' }, { patienceMs: 0, ...options });
  }

  /** Redis and the store answer. Throws the fault of one that does not, such as `STORE_UNREACHABLE`. */
  ready(options?: RequestOptions): Promise<Readiness> {
    return this.#connection.json({ path: '/readyz' }, { patienceMs: 0, ...options });
  }

  /** The metrics of the service and of the API that answers, in Prometheus's text format. */
  metrics(options?: RequestOptions): Promise<string> {
    return this.#connection.text({ path: '/metrics' }, { patienceMs: 0, ...options });
  }
}
