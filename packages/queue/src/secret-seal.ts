import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const prefix = 'sealed:';
const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** How secrets that must be known again are kept: sealed with the operator's key, or as they are without one. */
export class SecretSeal {
  readonly #key: Buffer | undefined;

  constructor(key: string | undefined) {
    // The key is long and random by itself: it needs no slow derivation.
    this.#key = key === undefined ? undefined : Buffer.from(hkdfSync('sha256', key, '', 'dimgx secrets', 32));
  }

  seal(secret: string): string {
    if (this.#key === undefined) return secret;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce);
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return prefix + sealed.toString('base64url');
  }

  /** What `seal` was given, undefined if it had another key; what was kept before there was a key is given as it is. */
  open(kept: string): string | undefined {
    if (!kept.startsWith(prefix)) return kept;
    if (this.#key === undefined) return undefined;
    const sealed = Buffer.from(kept.slice(prefix.length), 'base64url');
    const decipher = createDecipheriv(algorithm, this.#key, sealed.subarray(0, nonceBytes));
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    try {
      return Buffer.concat([
        decipher.update(sealed.subarray(nonceBytes, -tagBytes)),
        decipher.final(),
      ]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
