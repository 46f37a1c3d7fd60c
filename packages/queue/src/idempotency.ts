import { createHash } from 'node:crypto';

/** What makes a second request with the same key the same request. */
export interface Idempotency {
  /** Whose key it is and which, as a digest: keys of different clients never meet. */
  readonly owner: string;
  readonly fingerprint: string;
}

export const idempotencyHours = 24;

/** `client` names who asks; the same key of another client is another key. `request` is plain JSON. */
export function idempotencyOf(client: string, key: string, request: object): Idempotency {
  return { owner: sha256(`${client}\n${key}`), fingerprint: sha256(canonicalJson(request)) };
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
