/** What the service refused, or that it could not be reached. */
export class Refusal extends Error {
  /** 0 if there was no answer. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

const keyName = 'dimgx-key';

/**
 * The API that this page came from, whose answers are what its schemas say. The key is kept for as long as the tab is
 * open, and goes nowhere but to this origin.
 *
 * All methods throw `Refusal`, or the signal's reason.
 */
export const service = {
  get key(): string | null {
    return sessionStorage.getItem(keyName);
  },

  set key(key: string | null) {
    if (key === null || key === '') sessionStorage.removeItem(keyName);
    else sessionStorage.setItem(keyName, key);
  },

  get<T>(path: string, signal?: AbortSignal): Promise<T> {
    return ask<T>('GET', path, undefined, signal);
  },

  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    return ask<T>(method, path, body);
  },
};

async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers = new Headers();
  if (service.key !== null) headers.set('authorization', `Bearer ${service.key}`);
  if (body !== undefined) headers.set('content-type', 'application/json');
  const init = {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  };
  const response = await fetch(path, init).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Refusal(0, `the service does not answer: ${error instanceof Error ? error.message : error}`);
  });
  const text = await response.text();
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T;
  throw new Refusal(response.status, detailOf(text) ?? `${method} ${path}: ${response.status}`);
}

/** Of a problem document (RFC 9457). */
function detailOf(text: string): string | undefined {
  try {
    const problem = JSON.parse(text) as { readonly code?: string; readonly detail?: string };
    return problem.detail && `${problem.code}: ${problem.detail}`;
  } catch {
    return undefined;
  }
}
