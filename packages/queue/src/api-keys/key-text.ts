import { createHash, randomBytes } from 'node:crypto';

/** A key as its holder has it. */
export interface KeyText {
  /** Stands in the key, so that one that is found somewhere can be recognised and revoked. */
  readonly id: string;
  /** What is kept of the key. */
  readonly digest: string;
}

const form = /^dimgx_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** `dimgx_ID_SECRET`, with 256 bits of chance. The name in front lets scanners of source code find leaked ones. */
export function newKeyText(): KeyText & { readonly text: string } {
  const id = randomBytes(6).toString('hex');
  const text = `dimgx_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, text, digest: digestOf(text) };
}

/** Undefined if the text has not the form of a key. */
export function parseKeyText(text: string): KeyText | undefined {
  const [, id] = form.exec(text) ?? [];
  return id === undefined ? undefined : { id, digest: digestOf(text) };
}

/** Fast on purpose: slow digests protect what can be guessed, and nobody guesses 256 random bits. */
function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function isKeyId(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text);
}
