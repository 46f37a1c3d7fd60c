import { engineVersion } from '@dimgx/core';

/** In milliseconds. An engine is asked now and then: it may be upgraded while the worker runs. */
const versionKept = 60_000;
const answersWithin = 2000;

/** What a worker knows of its Docker engine, if it has one. */
export class EngineWatch {
  readonly #host: string | undefined;
  #version: string | undefined;
  #isKnown = false;
  #keptUntil = 0;

  /** As `DOCKER_HOST`; without it, the usual socket. */
  constructor(host: string | undefined) {
    this.#host = host;
  }

  /** Whether it has answered, ever or since it was forgotten. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** As it was a minute ago at the most; undefined if none answers. Throws `CONFIG_INVALID` for a host of another form. */
  async version(): Promise<string | undefined> {
    return performance.now() < this.#keptUntil ? this.#version : this.ask();
  }

  /** As it is now. */
  async ask(): Promise<string | undefined> {
    const within = AbortSignal.timeout(answersWithin);
    this.#version = await engineVersion(this.#host, within).catch((error: unknown) => {
      if (within.aborted) return undefined;
      throw error;
    });
    this.#keptUntil = performance.now() + versionKept;
    this.#isKnown ||= this.#version !== undefined;
    return this.#version;
  }

  /** Until it answers again, it is as if it had never been there. */
  forget(): void {
    this.#isKnown = false;
  }
}
