import { isBadPort, isLasting, wasNotSent } from './connection-fault.ts';
import { type PageQuery, Pages } from './pages.ts';
import { patiently } from './patience.ts';
import { isAway, jsonOf, notDimgx, refusal } from './refusal.ts';
import {
  checkPath,
  type IdempotentOptions,
  queryText,
  type RequestOptions,
  randomKey,
  type ServiceRequest,
} from './request.ts';
import { ServiceError } from './service-error.ts';

export interface ConnectionOptions extends RequestOptions {
  readonly url: string | URL;
  readonly token?: string | undefined;
  readonly fetch?: typeof fetch | undefined;
}

const defaultPatienceMs = 30_000;
/** A service that is restarted is there again by then; one that has never answered may have another URL. */
const unknownPatienceMs = 5000;

/** Asks a service over HTTP. What it refuses, and that it can't be reached, is thrown as a `ServiceError`. */
export class Connection {
  readonly #url: string;
  readonly #origin: string;
  readonly #token: string | undefined;
  readonly #fetch: typeof fetch;
  readonly #signal: AbortSignal;
  readonly #patienceMs: number;
  /** Whether there is a service at all. */
  #answered = false;

  /** Throws a `TypeError` for a URL that is none, or has a user or password in it, and a token that can't be sent. */
  constructor({ url, token, signal, patienceMs = defaultPatienceMs, ...others }: ConnectionOptions) {
    if (!URL.canParse(String(url)))
      throw new TypeError('url must be an address such as http://127.0.0.1:8080');
    const { origin, pathname, username, password } = new URL(url);
    // Whoever fetches from one repeats it in errors.
    if (username !== '' || password !== '') throw new TypeError('the key goes into token, not into the URL');
    // Whoever makes headers of it repeats it in errors.
    if (!/^[\x21-\x7e]*$/.test(token ?? '')) throw new TypeError('token must be ASCII without blanks');
    this.#url = `${origin}${pathname.replace(/\/+$/, '')}`;
    this.#origin = origin;
    this.#token = token;
    this.#fetch = others.fetch ?? fetch;
    this.#signal = signal ?? new AbortController().signal;
    this.#patienceMs = patienceMs;
  }

  /** What a route answers. */
  json<T>(request: ServiceRequest, options?: RequestOptions): Promise<T> {
    return this.ask(request, options, async (response) => {
      const body = jsonOf(await response.text());
      if (typeof body === 'object' && body !== null) return body as T;
      throw notDimgx(this.#origin, 'it sends no JSON', response.status);
    });
  }

  /** What a list of one page answers. */
  async items<T>(request: ServiceRequest, options?: RequestOptions): Promise<T[]> {
    return (await this.json<{ items: T[] }>(request, options)).items;
  }

  /** A list, whose options are its query and those of every request. */
  pages<T>(
    path: string,
    { signal, patienceMs, cursor, ...query }: PageQuery & RequestOptions = {},
  ): Pages<T> {
    return new Pages(cursor, (at) =>
      this.json({ path, query: { ...query, cursor: at } }, { signal, patienceMs }),
    );
  }

  /** What a route answers that makes work, and makes it once however often it must be asked. */
  makeOnce<T>(
    path: string,
    { idempotencyKey = randomKey(), ...options }: IdempotentOptions = {},
    body?: unknown,
  ): Promise<T> {
    const headers = { 'idempotency-key': idempotencyKey };
    return this.json({ method: 'POST', path, headers, body, repeatable: true }, options);
  }

  /** What a route answers that has no JSON. */
  text(request: ServiceRequest, options?: RequestOptions): Promise<string> {
    return this.ask(request, options, (response) => response.text());
  }

  /** For a route that answers nothing. */
  async nothing(request: ServiceRequest, options?: RequestOptions): Promise<void> {
    await this.text(request, options);
  }

  /** The answer of a route, whose body the caller consumes or cancels. */
  open(request: ServiceRequest, options?: RequestOptions): Promise<Response> {
    return this.ask(request, options, async (response) => response);
  }

  /**
   * What `read` makes of a route's answer; again and again while the service, or its Redis, is away, as far as that
   * can't do the same twice.
   */
  async ask<T>(
    request: ServiceRequest,
    { signal, patienceMs = this.#patienceMs }: RequestOptions = {},
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    checkPath(request.path);
    const stop = this.signal(signal);
    const { method = 'GET', repeatable = method !== 'POST' } = request;
    const started = performance.now();
    const mayPass = (error: unknown): boolean => {
      if (!(error instanceof ServiceError)) return false;
      // It was refused before anything was done.
      if (error.status === 429) return true;
      if (error.status === 503) return repeatable;
      if (error.code !== 'SERVICE_UNREACHABLE' || isLasting(error.cause) || !isAway(error.status))
        return false;
      if (!this.#answered && performance.now() - started > unknownPatienceMs) return false;
      return repeatable || wasNotSent(error.cause);
    };
    return patiently(() => this.#once(request, stop, read), { forMs: patienceMs, mayPass, signal: stop });
  }

  /** Ends what is asked or waited for: the client's signal, and that of one call. */
  signal(ofCall: AbortSignal | undefined): AbortSignal {
    return ofCall === undefined ? this.#signal : AbortSignal.any([this.#signal, ofCall]);
  }

  async #once<T>(
    { method = 'GET', path, query = {}, headers, body }: ServiceRequest,
    signal: AbortSignal,
    read: (response: Response) => Promise<T>,
  ): Promise<T> {
    signal.throwIfAborted();
    const sent = new Headers(headers);
    // fetch drops it on the way to another origin, such as the store's.
    if (this.#token !== undefined && !sent.has('authorization')) {
      sent.set('authorization', `Bearer ${this.#token}`);
    }
    if (body !== undefined) sent.set('content-type', 'application/json');
    const init = { method, headers: sent, signal, body: body === undefined ? null : JSON.stringify(body) };
    try {
      // As a variable: browsers' fetch wants no object before its dot.
      const send = this.#fetch;
      const response = await send(`${this.#url}${path}${queryText(query)}`, init);
      this.#answered = true;
      if (!response.ok) throw await refusal(response, this.#origin);
      return await read(response);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof ServiceError ? error : this.#unreachable(error);
    }
  }

  #unreachable(error: unknown): ServiceError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const message = isBadPort(cause)
      ? `${this.#origin} has a bad port, one that HTTP clients refuse since it is kept for another protocol; have the service listen on another`
      : `no dimgx service answers at ${this.#origin}`;
    return new ServiceError('SERVICE_UNREACHABLE', message, { cause });
  }
}
