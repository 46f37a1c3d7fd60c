import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';

export interface SignedEvent {
  readonly id: string;
  /** Of the attempt. */
  readonly at: Date;
  readonly body: string;
}

const secretBytes = 32;

/** A new secret of an endpoint, as receivers' libraries take it. */
export function newSigningSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString('base64')}`;
}

/** The headers of Standard Webhooks: signed with each secret, so that a receiver that knows one of them is content. */
export function signatureHeaders(
  { id, at, body }: SignedEvent,
  secrets: readonly string[],
): Record<string, string> {
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  };
}
