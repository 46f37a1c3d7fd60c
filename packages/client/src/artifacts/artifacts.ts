import type { Connection } from '../requests/connection.ts';
import type { PageQuery, Pages } from '../requests/pages.ts';
import type { RequestOptions } from '../requests/request.ts';
import type { StoredArtifact } from './stored-artifact.ts';

/** Which artifacts a list is of. */
export interface ArtifactListOptions extends PageQuery, RequestOptions {
  /** As a job names it; without a tag, `latest`. */
  readonly image?: string | undefined;
  /** Only keys that begin so. */
  readonly prefix?: string | undefined;
}

/** What is in the store. */
export class Artifacts {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** For an image or in all, by key. Those of an image at a key of their own are found by their prefix. */
  list(options?: ArtifactListOptions): Pages<StoredArtifact> {
    return this.#connection.pages('/v1/artifacts', options);
  }
}
