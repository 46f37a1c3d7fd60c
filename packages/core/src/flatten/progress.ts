/** The phases of a job, in their order; one without work is left out. */
export const phases = ['resolve', 'fetch', 'plan', 'flatten', 'upload'] as const;

/** Where a job stands. `resolve` and `fetch` are the source's, `upload` the store's last bytes. */
export type Phase = (typeof phases)[number];

/** How far the work is. */
export interface Progress {
  readonly phase: Phase;
  /** Bytes handled in this phase: received while fetching, of the uncompressed tar while flattening. */
  readonly bytes: number;
  readonly totalBytes?: number;
  /** Entries of the tar written so far. */
  readonly entries: number;
}

/** Called a few times a second at the most, and when a phase begins; must not throw. */
export type ProgressListener = (progress: Progress) => void;
