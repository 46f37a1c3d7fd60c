import type { Connection } from '../requests/connection.ts';
import { path, type RequestOptions } from '../requests/request.ts';
import type { ApiKey, ApiKeyRequest, NewApiKey } from './api-key.ts';

/** Who may use the service. Needs a key of the scope `admin`. */
export class Keys {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Makes a key, which is told this once. Never sent twice. */
  create(request: ApiKeyRequest, options?: RequestOptions): Promise<NewApiKey> {
    return this.#connection.json({ method: 'POST', path: '/v1/keys', body: request }, options);
  }

  /** One key. Throws `KEY_NOT_FOUND`. */
  get(id: string, options?: RequestOptions): Promise<ApiKey> {
    return this.#connection.json({ path: path`/v1/keys/${id}` }, options);
  }

  /** All of them, oldest first. */
  list(options?: RequestOptions): Promise<ApiKey[]> {
    return this.#connection.items({ path: '/v1/keys' }, options);
  }

  /** From then on it opens nothing; its jobs go on. */
  revoke(id: string, options?: RequestOptions): Promise<void> {
    return this.#connection.nothing({ method: 'DELETE', path: path`/v1/keys/${id}` }, options);
  }
}
