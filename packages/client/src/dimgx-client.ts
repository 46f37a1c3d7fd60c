import { Artifacts } from './artifacts/artifacts.ts';
import { Batches } from './batches/batches.ts';
import { Callbacks } from './callbacks/callbacks.ts';
import type { ServiceStats } from './fleet/worker.ts';
import { Workers } from './fleet/workers.ts';
import { Health } from './health/health.ts';
import { Jobs } from './jobs/jobs.ts';
import { Keys } from './keys/keys.ts';
import { Connection } from './requests/connection.ts';
import type { RequestOptions } from './requests/request.ts';
import { serviceAddress } from './requests/service-address.ts';
import { Schedules } from './schedules/schedules.ts';
import { Triggers } from './triggers/triggers.ts';

/** Where a service is, and how it is asked. */
export interface ClientOptions {
  /**
   * Where the service is, such as `http://127.0.0.1:8080`; with a path, if it lies behind one. Unless given, it is what
   * the environment says in `DIMGX_URL`; on a page, where that came from; else this machine's port 8080.
   */
  readonly url?: string | URL | undefined;
  /** API key, where the service wants one. Without a `url`, it is `DIMGX_TOKEN` of the environment unless given. */
  readonly token?: string | undefined;
  /** Its abort ends all that is asked or waited for. */
  readonly signal?: AbortSignal | undefined;
  /**
   * For how long a request is sent again while the service, or what it needs, is away, or wants to be left alone for a
   * while (429): 30 seconds unless given. What could be done twice is sent again only if it certainly was not done. A
   * service that has not answered yet at all is waited for five seconds at most.
   */
  readonly patienceMs?: number | undefined;
  /** What sends the requests: the global `fetch` unless given. */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * A dimgx service over HTTP. Holds nothing open, so there is nothing to close. What goes wrong is thrown as a
 * `ServiceError`.
 */
export class DimgxClient {
  readonly jobs: Jobs;
  readonly batches: Batches;
  readonly schedules: Schedules;
  readonly triggers: Triggers;
  readonly callbacks: Callbacks;
  readonly artifacts: Artifacts;
  readonly keys: Keys;
  readonly workers: Workers;
  readonly health: Health;
  readonly #connection: Connection;

  /**
   * Asks nothing yet. Throws a `TypeError` for a URL that is none, or has a user or password in it, and for a token that
   * can't be sent.
   */
  constructor(options: ClientOptions = {}) {
    const connection = new Connection({ ...options, ...serviceAddress(options) });
    this.#connection = connection;
    this.jobs = new Jobs(connection);
    this.batches = new Batches(connection);
    this.schedules = new Schedules(connection);
    this.triggers = new Triggers(connection);
    this.callbacks = new Callbacks(connection);
    this.artifacts = new Artifacts(connection);
    this.keys = new Keys(connection);
    this.workers = new Workers(connection);
    this.health = new Health(connection);
  }

  /** How many jobs there are by state and pool, and how long the oldest waits. */
  stats(options?: RequestOptions): Promise<ServiceStats> {
    return this.#connection.json({ path: '/v1/stats' }, options);
  }
}
