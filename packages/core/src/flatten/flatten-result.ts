import type { Algorithm } from '../compress/compression.ts';
import type { DiffId, Digest } from '../image/digest.ts';

/** What stands in the flattened tree, and what of the layers does not. */
export interface EntryCounts {
  readonly files: number;
  /** Implied directories included. */
  readonly directories: number;
  readonly symlinks: number;
  /** Further names of a file; its first name counts as a file. */
  readonly hardlinks: number;
  /** Character and block devices and fifos. */
  readonly devices: number;
  /** Names of lower layers that a whiteout or an opaque directory took away. */
  readonly removed: number;
  /** Names that a later entry replaced. */
  readonly shadowed: number;
}

/** The bytes that flattening made. All figures are of the stream that left, taken while it did. */
export interface FlattenedTar {
  readonly mediaType: string;
  readonly compression: Algorithm;
  /** null for `none`. */
  readonly level: number | null;
  /** Bytes, compressed. */
  readonly size: number;
  readonly sha256: Digest;
  readonly uncompressedSize: number;
  /** The sha256 of the uncompressed tar: the diff id of the flattened layer. */
  readonly diffId: DiffId;
}

/** What a flattening made. */
export interface FlattenOutcome {
  readonly tar: FlattenedTar;
  readonly entries: EntryCounts;
}
