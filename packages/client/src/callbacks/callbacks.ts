import type { CallbackRequest } from '../jobs/job-request.ts';
import type { Connection } from '../requests/connection.ts';
import type { PageQuery, Pages } from '../requests/pages.ts';
import { path, type RequestOptions } from '../requests/request.ts';
import type { CallbackDelivery, CallbackEndpoint, RegisteredCallback } from './callback.ts';

/** The endpoints that are told the ends of jobs and batches. */
export class Callbacks {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Registers an endpoint, which is needed for its secret alone. Never sent twice. Throws `ADDRESS_REFUSED`. */
  register(request: CallbackRequest, options?: RequestOptions): Promise<RegisteredCallback> {
    return this.#connection.json({ method: 'POST', path: '/v1/callbacks', body: request }, options);
  }

  /** One endpoint. Throws `CALLBACK_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<CallbackEndpoint> {
    return this.#connection.json({ path: path`/v1/callbacks/${id}` }, options);
  }

  /** All of them, oldest first. */
  list(options?: RequestOptions): Promise<CallbackEndpoint[]> {
    return this.#connection.items({ path: '/v1/callbacks' }, options);
  }

  /** Forgets an endpoint, with what was still to be sent to it. */
  delete(id: string, options?: RequestOptions): Promise<void> {
    return this.#connection.nothing({ method: 'DELETE', path: path`/v1/callbacks/${id}` }, options);
  }

  /** Gives a new secret; for a day the one before it signs too. Never sent twice. */
  rotate(id: string, options?: RequestOptions): Promise<{ secret: string }> {
    return this.#connection.json({ method: 'POST', path: path`/v1/callbacks/${id}/rotate` }, options);
  }

  /** Has an endpoint sent to again that had answered 410. */
  enable(id: string, options?: RequestOptions): Promise<CallbackEndpoint> {
    const enable = { method: 'POST', path: path`/v1/callbacks/${id}/enable`, repeatable: true } as const;
    return this.#connection.json(enable, options);
  }

  /** Sends an event that tells nothing, to try the endpoint. Never sent twice. */
  ping(id: string, options?: RequestOptions): Promise<CallbackDelivery> {
    return this.#connection.json({ method: 'POST', path: path`/v1/callbacks/${id}/ping` }, options);
  }

  /** What was sent to an endpoint, and what is still to be, newest first. */
  deliveries(id: string, options?: PageQuery & RequestOptions): Pages<CallbackDelivery> {
    return this.#connection.pages(path`/v1/callbacks/${id}/deliveries`, options);
  }

  /** What became of one delivery. Throws `DELIVERY_NOT_FOUND`. */
  delivery(id: string, delivery: string, options?: RequestOptions): Promise<CallbackDelivery> {
    return this.#connection.json({ path: path`/v1/callbacks/${id}/deliveries/${delivery}` }, options);
  }

  /** Delivers it again now, under the same webhook-id. Never sent twice. */
  redeliver(id: string, delivery: string, options?: RequestOptions): Promise<CallbackDelivery> {
    const redelivery = path`/v1/callbacks/${id}/deliveries/${delivery}/redeliver`;
    return this.#connection.json({ method: 'POST', path: redelivery }, options);
  }
}
