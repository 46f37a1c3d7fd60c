import { basename } from 'node:path';
import { type Algorithm, traits } from '@dimgx/core';

/** What file names say of their compression. */
const suffixes: readonly (readonly [RegExp, Algorithm])[] = [
  [/\.(gz|tgz)$/i, 'gzip'],
  [/\.(bz2|tbz2?)$/i, 'bzip2'],
  [/\.(zst|tzst)$/i, 'zstd'],
  [/\.(xz|txz)$/i, 'xz'],
  [/\.tar$/i, 'none'],
];

/** A line if the target's name promises another compression than it gets. Names without a known suffix promise none. */
export function suffixWarning(target: string, algorithm: Algorithm): string | undefined {
  const name = basename(target);
  const [, promised] = suffixes.find(([pattern]) => pattern.test(name)) ?? [];
  if (promised === undefined || promised === algorithm) return undefined;
  const is = algorithm === 'none' ? 'is not compressed' : `is compressed by ${algorithm}`;
  return `the tar ${is}, its name ${name} says otherwise; ${traits[algorithm].suffix} would fit`;
}
