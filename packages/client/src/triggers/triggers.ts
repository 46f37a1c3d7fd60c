import type { Connection } from '../requests/connection.ts';
import { path, type RequestOptions } from '../requests/request.ts';
import type { PutTrigger, Trigger, TriggerRequest, TriggerStatus } from './trigger.ts';

/** How a push is told. */
export interface PushOptions extends RequestOptions {
  /** What the sender shows: of triggers for `generic`, `distribution` and others that take it from `Authorization`. */
  readonly secret?: string | undefined;
}

/** Jobs by the webhooks of registries. Ids are yours: a-z, 0-9 and `-`, 63 at the most. */
export class Triggers {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Makes a trigger, or changes it: then its secret stays, unless another one is given. */
  put(id: string, request: TriggerRequest, options?: RequestOptions): Promise<PutTrigger> {
    const put = { method: 'PUT', path: path`/v1/triggers/${id}`, body: request } as const;
    return this.#connection.json(put, options);
  }

  /** A trigger, and what became of its last pushes. Throws `TRIGGER_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<TriggerStatus> {
    return this.#connection.json({ path: path`/v1/triggers/${id}` }, options);
  }

  /** All of them, oldest first. */
  list(options?: RequestOptions): Promise<Trigger[]> {
    return this.#connection.items({ path: '/v1/triggers' }, options);
  }

  /** The jobs that it made stay. */
  delete(id: string, options?: RequestOptions): Promise<void> {
    return this.#connection.nothing({ method: 'DELETE', path: path`/v1/triggers/${id}` }, options);
  }

  /**
   * Tells a trigger of pushes, as its registry would, for instance from a pipeline: `body` is what its provider sends.
   * Tells how many of them want a job. Needs no API key. Throws `UNAUTHORIZED`.
   */
  push(id: string, body: object, { secret = '', ...options }: PushOptions = {}): Promise<{ pushes: number }> {
    const headers = { authorization: `Bearer ${secret}` };
    // The same push makes the same job.
    const push = { method: 'POST', path: path`/v1/hooks/${id}`, headers, body, repeatable: true } as const;
    return this.#connection.json(push, options);
  }
}
