import type { IncomingHttpHeaders } from 'node:http';
import { DimgxError } from '@dimgx/core';
import type { PushEvent } from '@dimgx/queue';
import type { z } from 'zod';

/** A webhook as it came. Its body is checked byte for byte before anything is read from it. */
export interface HookRequest {
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** Of the query, for senders that can't send headers. */
  readonly token: string | undefined;
  /** The `traceparent` of the request, where it is traced. */
  readonly trace?: string | undefined;
}

/** What a sender has to say. */
export type Notice =
  | {
      readonly kind: 'pushes';
      readonly events: readonly PushEvent[];
      /** Why something else that it told is no push. */
      readonly ignored: readonly string[];
    }
  /** It wants to see this address asked for before it sends anything. */
  | { readonly kind: 'confirmation'; readonly url: URL };

/** One kind of sender, with the secret or whatever it proves itself by. */
export interface Hook {
  /** Whether the request is the sender's, in the same time whatever it shows. */
  authenticate(request: HookRequest): boolean | Promise<boolean>;
  /** Throws `REQUEST_INVALID` for a body that is none of the sender's. Events that are no pushes of a tag are left out. */
  read(request: HookRequest): Notice;
}

/** What some senders need to be known by. */
export interface HookTools {
  /** Of a public address. */
  fetchText(url: URL): Promise<string>;
}

export function headerOf({ headers }: HookRequest, name: string): string | undefined {
  return [headers[name]].flat()[0];
}

/** The body as its schema has it. Throws `REQUEST_INVALID`. */
export function parseBody<T>({ body }: Pick<HookRequest, 'body'>, schema: z.ZodType<T>): T {
  return parseJson(body.toString('utf8'), schema);
}

/** Throws `REQUEST_INVALID`. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? 'the body' : issue.path.join('.');
  throw new DimgxError('REQUEST_INVALID', `${where}: ${issue?.message ?? 'is not valid'}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DimgxError('REQUEST_INVALID', 'the body is no valid JSON', { cause });
  }
}
