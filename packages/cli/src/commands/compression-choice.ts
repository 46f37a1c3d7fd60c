import { type Algorithm, type Compression, compressionOf, DimgxError, traits } from '@dimgx/core';
import type { FlattenFlags } from './flatten-options.ts';

/** The compression that the options name, of which commander lets at most one through. Throws `USAGE`. */
export function compressionChoice(flags: FlattenFlags): Compression {
  const algorithm = algorithmOf(flags);
  const compression = compressionOf(algorithm, flags.compressLevel);
  if (compression !== undefined) return compression;
  const { levels } = traits[algorithm];
  const why =
    levels === undefined
      ? 'what is not compressed has no level; choose -z, -j, --zstd or --xz'
      : `the levels of ${algorithm} are ${levels.min} to ${levels.max}`;
  throw new DimgxError('USAGE', `--compress-level ${flags.compressLevel}: ${why}`);
}

function algorithmOf({ gzip, bzip2, zstd, xz }: FlattenFlags): Algorithm {
  if (gzip === true) return 'gzip';
  if (bzip2 === true) return 'bzip2';
  if (zstd === true) return 'zstd';
  return xz === true ? 'xz' : 'none';
}
