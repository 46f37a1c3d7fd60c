import { createHash } from 'node:crypto';
import { DimgxError } from '@dimgx/core';
import { keys } from './key-space.ts';

/** What makes a second request with the same key the same request. */
export interface Idempotency {
  /** Whose key it is and which, as a digest: keys of different clients never meet. */
  readonly owner: string;
  readonly fingerprint: string;
}

/** How long a key is remembered. Milliseconds. */
const memory = 24 * 60 * 60 * 1000;

/** `client` names who asks; the same key of another client is another key. `request` is plain JSON. */
export function idempotencyOf(client: string, key: string, request: object): Idempotency {
  return { owner: sha256(`${client}\n${key}`), fingerprint: sha256(canonicalJson(request)) };
}

/** What a script that makes something takes of it: its key, which is left out without one, and two arguments. */
export function idempotencyScript(given: Idempotency | undefined): { key: string[]; args: [string, number] } {
  const key = given === undefined ? [] : [keys.idempotency(given.owner)];
  return { key, args: [given?.fingerprint ?? '', memory] };
}

/** `made`: the id of the job or batch that the key made. */
export function idempotencyMismatch(made: string): DimgxError {
  const message = `the Idempotency-Key was used for another request, ${made}; use a new key`;
  return new DimgxError('IDEMPOTENCY_MISMATCH', message);
}

/** JSON that is the same for equal values, in whatever order their fields were given. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) => {
    if (field === null || typeof field !== 'object' || Array.isArray(field)) return field;
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
