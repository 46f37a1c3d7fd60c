import type { Limits } from '../flatten/limits.ts';
import type { ProgressListener } from '../flatten/progress.ts';
import type { Image, ImageDescription } from '../image/image.ts';
import type { Platform } from '../image/platform.ts';

/** When a Docker engine fetches an image from its registry: if it has none, always, or never. */
export type PullPolicy = 'missing' | 'always' | 'never';

/** What every source needs to know to open an image. */
export interface SourceOptions {
  readonly signal: AbortSignal;
  /** Which image of an index; without it, this machine's. */
  readonly platform?: Platform;
  /** For sources that fetch images from somewhere else: when to. `never` unless given. */
  readonly pull?: PullPolicy;
  /** Where content is spooled that can't be read where it lies; files there have no name while in use. */
  readonly spoolFolder: string;
  /** `unix:///…`, `tcp://…`, `ssh://…`, as Docker's clients take it; without it, the usual socket. */
  readonly dockerHost?: string;
  /** What is not given has its default. */
  readonly limits?: Partial<Limits>;
  /** Asks an engine which other images lie upon the layers of this one, too. It lists all its images for that. */
  readonly children?: boolean;
  readonly onProgress?: ProgressListener;
}

/** What the reading of stored images stops at. */
export type ReadingBounds = Pick<SourceOptions, 'signal' | 'limits'>;

/**
 * One image in one place. `describe` tells what it is without fetching its content, and pins a tag: `open` after
 * it gives the content of that very image, even if the tag has moved on.
 */
export interface Source {
  describe(): Promise<ImageDescription>;
  open(): Promise<Image>;
  /** Lets go of what `describe` opened. Images that `open` gave stay valid. */
  close(): Promise<void>;
}
