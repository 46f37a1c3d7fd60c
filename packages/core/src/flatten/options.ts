import type { Compression } from '../compress/compression.ts';
import type { Limits } from './limits.ts';
import type { ProgressListener } from './progress.ts';

/**
 * Where the flattened tar goes: a file, or `write`, which gets the bytes piece by piece, each when the promise for
 * the one before has resolved; a chunk is the callee's to keep.
 */
export type Sink = FileTarget | { readonly kind: 'chunks'; write(chunk: Uint8Array): Promise<void> };

/** An open descriptor of a file, a pipe or a device, written from where it stands by the engine's own thread. */
export interface FileTarget {
  readonly kind: 'file';
  readonly fd: number;
  /** What errors call it. */
  readonly name?: string;
}

/** All may be left out. What changes the bytes of the tar is in `FlattenChoices` too. */
export interface FlattenOptions {
  /** Indices of the layers to flatten, lowest precedence first; without it, all, oldest first. */
  readonly layers?: readonly number[];
  /** Without it none; without a level, the algorithm's usual one. */
  readonly compression?: Compression;
  /** Keep whiteouts that hide nothing in the chosen layers, to make a diff layer. */
  readonly keepWhiteouts?: boolean;
  /** Leave out the index and the landmarks by which eStargz layers can be pulled file by file. */
  readonly dropEstargz?: boolean;
  /** picomatch globs over paths without a leading slash: only what one matches, and the directories that lead to it. */
  readonly include?: readonly string[];
  /** The same: what one matches, and all below it, stays out, included or not. */
  readonly exclude?: readonly string[];
  /** What an image may cost; see `limitBounds`. What is not given has its default. */
  readonly limits?: Partial<Limits>;
  /** Where compressed layers are unpacked to, into files without a name; without it, the system's temporary folder. */
  readonly spoolFolder?: string;
  /** Let the process's other threads go first, so that what it has to do beside this is not late. Counts on Linux. */
  readonly background?: boolean;
  /** Its abort ends the work, which then throws its reason; `AbortSignal.timeout` is a limit of time. */
  readonly signal?: AbortSignal;
  /** Called a few times a second at the most; must not throw. */
  readonly onProgress?: ProgressListener;
}
