import type { Compression } from '../compress/compression.ts';
import type { Limits } from './limits.ts';
import type { ProgressListener } from './progress.ts';

/**
 * Where the flattened tar goes. `file`: an open descriptor, written from its current position by the engine's own
 * thread; `name` is what errors call it. `chunks`: `write` gets the bytes piece by piece and its promise is the back
 * pressure; a chunk is the callee's to keep.
 */
export type Sink = FileTarget | { readonly kind: 'chunks'; write(chunk: Uint8Array): Promise<void> };

export interface FileTarget {
  readonly kind: 'file';
  readonly fd: number;
  readonly name?: string;
}

export interface FlattenOptions {
  /** Indices of the layers to flatten, lowest precedence first; without it, all, oldest first. */
  readonly layers?: readonly number[];
  readonly compression: Compression;
  /** Keep whiteouts that hide nothing in the chosen layers, to make a diff layer. */
  readonly keepWhiteouts?: boolean;
  /** picomatch globs over paths without a leading slash; a match keeps its parent directories. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Where compressed layers are unpacked to, into files without a name. */
  readonly spoolFolder: string;
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener;
}
