import { ServiceError } from './service-error.ts';

/** What every method takes besides. */
export interface RequestOptions {
  /** Its abort ends what is asked or waited for, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** As of the client's options, for this once. */
  readonly patienceMs?: number | undefined;
}

/** What methods that make work take besides. */
export interface IdempotentOptions extends RequestOptions {
  /**
   * 1 to 255 printable ASCII characters: within a day, the same request with the same key makes the same work once.
   * One is made up for each call, so that it may be sent again when the answer is lost.
   */
  readonly idempotencyKey?: string | undefined;
}

/** One call of the API. */
export interface ServiceRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Whether carrying it out twice is as good as once: unless given, all but POST. */
  readonly repeatable?: boolean;
}

/** A path with ids, none of which can lead out of its place. */
export function path(texts: TemplateStringsArray, ...ids: readonly string[]): string {
  return String.raw({ raw: texts }, ...ids.map(encodeURIComponent));
}

/** Throws `REQUEST_INVALID` for a path with an id that URLs would take for a folder, however it is written. */
export function checkPath(path: string): void {
  const isWhole = path.split('/').every((segment, at) => at === 0 || !['', '.', '..'].includes(segment));
  if (!isWhole) throw new ServiceError('REQUEST_INVALID', `${path} has no id where one must be`);
}

/** What is undefined is left out; of a list, each item is a parameter of its own. */
export function queryText(query: object): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of [value].flat()) if (each !== undefined) parameters.append(name, String(each));
  }
  return parameters.size === 0 ? '' : `?${parameters}`;
}

/** `crypto.randomUUID` is not there on pages that came by http. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
