import { createHash, timingSafeEqual } from 'node:crypto';

/** The API keys that open the service. Only their digests are kept. */
export class ApiKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digest);
  }

  get isEmpty(): boolean {
    return this.#digests.length === 0;
  }

  /**
   * Names the key of an `Authorization: Bearer` header, not to be guessed from it; undefined if it is none of ours.
   * Takes the same time whichever key matches, and how far.
   */
  clientOf(authorization: string | undefined): string | undefined {
    const [, key] = /^bearer +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
    if (key === undefined) return undefined;
    const given = digest(key);
    const matches = this.#digests.filter((known) => timingSafeEqual(known, given));
    return matches.length === 0 ? undefined : given.toString('hex');
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
