import type { ArtifactStore, S3Settings } from '@dimgx/core';

/** A store for one test file, and what lies in it as an onlooker sees it. */
export interface StoreFixture {
  /** What `openStore` needs beside the location. */
  readonly settings: S3Settings;
  /** Small parts, so that uploads of some MiB have several. */
  open(): ArtifactStore;
  /** Keys of all objects, in order. */
  keys(): Promise<string[]>;
  /** One for each upload that has neither been completed nor aborted. */
  unfinished(): Promise<string[]>;
  remove(): Promise<void>;
}
