import { DimgxError, type ErrorCode, errorCodes } from '@dimgx/core';
import { z } from 'zod';
import { patiently } from './patience.ts';

/** What a service that is there says when it can't, or won't, answer for a moment. */
const passing: readonly ErrorCode[] = ['REDIS_UNREACHABLE', 'RATE_LIMITED'];

/** RFC 9457, with the service's code. */
const problemSchema = z.looseObject({ code: z.enum(errorCodes), detail: z.string() });

export interface ServiceAddress {
  readonly url: string;
  /** API key, where the service wants one. */
  readonly token: string | undefined;
}

/** Asks a service over HTTP. What it refuses is thrown as the error that it names, with its code. */
export class ServiceConnection {
  readonly #address: ServiceAddress;
  /** Ends all that is being asked and waited for. */
  readonly signal: AbortSignal;
  /** Whether there is a service at all. */
  #answered = false;

  constructor(address: ServiceAddress, signal: AbortSignal) {
    this.#address = address;
    this.signal = signal;
  }

  /** The answer of a route, once; the caller consumes or cancels its body. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { url, token } = this.#address;
    const headers = new Headers(init.headers);
    // fetch drops it on the way to another origin, such as the store's.
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    let response: Response;
    try {
      response = await fetch(new URL(path, url), { signal: this.signal, ...init, headers });
    } catch (error) {
      this.signal.throwIfAborted();
      throw this.#unreachable(error);
    }
    this.#answered = true;
    if (!response.ok) throw await refusal(response);
    return response;
  }

  /** The same, again and again for `forMs` milliseconds while the service, or its Redis, is away. */
  fetchPatiently(forMs: number, path: string, init?: RequestInit): Promise<Response> {
    const mayPass = (error: unknown): boolean =>
      error instanceof DimgxError &&
      (passing.includes(error.code) || (this.#answered && error.code === 'SERVICE_UNREACHABLE'));
    return patiently(() => this.fetch(path, init), { forMs, mayPass, signal: this.signal });
  }

  #unreachable(error: unknown): DimgxError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const { origin } = new URL(this.#address.url);
    return new DimgxError('SERVICE_UNREACHABLE', `no dimgx service answers at ${origin}; see DIMGX_URL`, {
      cause,
    });
  }
}

/** The error that an answer other than a success tells. */
async function refusal(response: Response): Promise<DimgxError> {
  const text = await response.text();
  const parsed = problemSchema.safeParse(jsonOf(text));
  if (parsed.success) return new DimgxError(parsed.data.code, parsed.data.detail);
  // What stands before the service says these while it is restarted.
  const code = [502, 503, 504].includes(response.status) ? 'SERVICE_UNREACHABLE' : 'INTERNAL';
  return new DimgxError(code, `the service answered ${response.status} ${response.statusText}`);
}

/** Undefined if it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
