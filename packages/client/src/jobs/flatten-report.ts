import type { Algorithm } from './job-request.ts';

/** What came of a flatten. Digests are `sha256:` and 64 hex digits, sizes bytes. */
export interface FlattenReport {
  readonly image: FlattenedImage;
  /** The chosen layers, highest precedence first. */
  readonly layers: readonly FlattenedLayer[];
  readonly artifact: ArtifactReport;
  readonly entries: EntryCounts;
  /** The store had the artifact already. */
  readonly cached: boolean;
  readonly durationMs: number;
  readonly dimgxVersion: string;
}

/** The image that was flattened. */
export interface FlattenedImage {
  readonly reference: string;
  /** What the reference was pinned to. */
  readonly digest: string;
  readonly configDigest: string;
  /** `os/arch[/variant]`. */
  readonly platform: string;
  readonly repoTags: readonly string[];
}

/** A layer that went into the tar. */
export interface FlattenedLayer {
  /** 0 is the oldest layer of the image. */
  readonly index: number;
  readonly id: string;
  readonly diffId: string;
  readonly size: number;
  readonly createdBy?: string;
}

/** The flattened tar in the store. */
export interface ArtifactReport {
  readonly key: string;
  readonly url?: string;
  readonly mediaType: string;
  readonly compression: Algorithm;
  /** null where the algorithm has no levels. */
  readonly level: number | null;
  readonly size: number;
  readonly sha256: string;
  readonly uncompressedSize: number;
  /** Digest of the uncompressed tar. */
  readonly diffId: string;
}

/** How many entries of each type the tar has, and how many names of the layers it has not. */
export interface EntryCounts {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly hardlinks: number;
  readonly devices: number;
  /** Taken away by whiteouts. */
  readonly removed: number;
  /** Replaced by layers above. */
  readonly shadowed: number;
}
