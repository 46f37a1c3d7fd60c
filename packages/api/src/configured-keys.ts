import { createHash, timingSafeEqual } from 'node:crypto';

/** The API keys that the configuration names. They may do everything. Only their digests are kept. */
export class ConfiguredKeys {
  readonly #digests: readonly Buffer[];

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digest);
  }

  get isEmpty(): boolean {
    return this.#digests.length === 0;
  }

  /**
   * Names a key, by its place among them; undefined if it is none of ours. Takes the same time whichever key matches,
   * and how far.
   */
  clientOf(key: string): string | undefined {
    const given = digest(key);
    const at = this.#digests.map((known) => timingSafeEqual(known, given)).indexOf(true);
    return at === -1 ? undefined : `configured-${at + 1}`;
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
