/** What a tar can be compressed with, and layers and archives may come in. */
export const algorithms = ['none', 'gzip', 'zstd', 'xz', 'bzip2'] as const;

/** One of `algorithms`. */
export type Algorithm = (typeof algorithms)[number];

/** An algorithm and how hard it works. */
export interface Compression {
  readonly algorithm: Algorithm;
  /** The algorithm's own scale; absent for `none`. */
  readonly level?: number;
}

interface Traits {
  readonly suffix: string;
  /** OCI layer.md, and for what it does not name, `application/x-tar` with the usual suffix. */
  readonly mediaType: string;
  readonly levels: { readonly min: number; readonly max: number; readonly default: number } | undefined;
}

/** What goes with each algorithm: a file's suffix, its media type, and the levels there are. */
export const traits: Record<Algorithm, Traits> = {
  none: { suffix: '.tar', mediaType: 'application/vnd.oci.image.layer.v1.tar', levels: undefined },
  gzip: {
    suffix: '.tar.gz',
    mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
    levels: { min: 1, max: 9, default: 6 },
  },
  zstd: {
    suffix: '.tar.zst',
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    levels: { min: 1, max: 19, default: 3 },
  },
  xz: { suffix: '.tar.xz', mediaType: 'application/x-tar+xz', levels: { min: 0, max: 9, default: 6 } },
  bzip2: { suffix: '.tar.bz2', mediaType: 'application/x-tar+bzip2', levels: { min: 1, max: 9, default: 9 } },
};

/** The compression with its default level filled in; undefined if the level is not on the algorithm's scale. */
export function compressionOf(algorithm: Algorithm, level?: number): Compression | undefined {
  const { levels } = traits[algorithm];
  if (levels === undefined) return level === undefined ? { algorithm } : undefined;
  const chosen = level ?? levels.default;
  if (!Number.isInteger(chosen) || chosen < levels.min || chosen > levels.max) return undefined;
  return { algorithm, level: chosen };
}
