/** What an artifact can be compressed with. */
export type Algorithm = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** Where to send a signed webhook when the work has ended. */
export interface CallbackRequest {
  readonly url: string;
}

/** What to do with an image: the body of `POST /v1/jobs`. */
export interface JobRequest {
  /** An image reference, such as `docker-daemon:debian:12`. */
  readonly image: string;
  /** `flatten` unless given; an `inspect` job only reports on the image. */
  readonly kind?: 'flatten' | 'inspect';
  /** Layer specs, as after `-l` of the command: all layers unless given. */
  readonly layers?: readonly string[];
  /** `os/arch[/variant]`: which image of a multi-platform one. */
  readonly platform?: string;
  /** zstd with its usual level unless given; `level` is on the algorithm's own scale. */
  readonly compression?: { readonly algorithm: Algorithm; readonly level?: number };
  /** Globs: only these paths. */
  readonly include?: readonly string[];
  /** Globs: all but these paths. */
  readonly exclude?: readonly string[];
  /** A place of your choice in the store. */
  readonly destination?: { readonly key?: string };
  /** The workers that may take the job: `default` unless given. */
  readonly pool?: string;
  /** Whether the engine pulls the image first: `missing` unless given. */
  readonly pull?: 'missing' | 'always' | 'never';
  /** `normal` unless given. */
  readonly priority?: 'low' | 'normal' | 'high';
  /** What one attempt may take. */
  readonly timeoutSeconds?: number;
  readonly callback?: CallbackRequest;
  /** For your own use: 64 at the most. */
  readonly labels?: { readonly [name: string]: string };
  /** Any JSON of up to 4 KiB; comes back in the job and in its callback as it is. */
  readonly passthrough?: unknown;
  /** Flatten even if the store has the artifact. */
  readonly force?: boolean;
}

/** A request as the service keeps it, with its defaults filled in. */
export interface AcceptedRequest extends JobRequest {
  readonly kind: 'flatten' | 'inspect';
  readonly pool: string;
  readonly priority: 'low' | 'normal' | 'high';
}
