const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Bounds on what an image may make us do; an image is hostile input. Past one, flattening fails `LIMIT_EXCEEDED`. */
export interface Limits {
  /** Entries of all layers together. */
  readonly entries: number;
  /** Bytes of one path, and of one link target. */
  readonly pathBytes: number;
  /** Components of one path. */
  readonly pathDepth: number;
  /** Bytes of all layers together, uncompressed. */
  readonly uncompressedBytes: number;
  /** Uncompressed over compressed size of one layer, once it has given more than 64 MiB. */
  readonly compressionRatio: number;
  /** Bytes of one extended header (PAX records, GNU long names). */
  readonly headerBytes: number;
  /** Symbolic links followed to find one entry's parent. */
  readonly symlinkHops: number;
}

export const defaultLimits: Limits = {
  entries: 10_000_000,
  pathBytes: 4096,
  pathDepth: 512,
  uncompressedBytes: 1024 * GIB,
  compressionRatio: 2000,
  headerBytes: 1 * MIB,
  symlinkHops: 40,
};
