import type { Algorithm } from '@dimgx/core';
import { describe, expect, test } from 'vitest';
import { suffixWarning } from '../src/commands/suffix-warning.ts';

describe('a name that fits is not warned of', () => {
  test.each<[string, Algorithm]>([
    ['x.tar', 'none'],
    ['x.tar.gz', 'gzip'],
    ['X.TGZ', 'gzip'],
    ['x.tar.bz2', 'bzip2'],
    ['x.tbz', 'bzip2'],
    ['x.tar.zst', 'zstd'],
    ['x.txz', 'xz'],
    ['-', 'gzip'],
    ['/dev/null', 'zstd'],
    ['rootfs', 'zstd'],
    ['v1.2.3', 'gzip'],
    ['dir.gz/x', 'none'],
  ])('%s of %s', (target, algorithm) => expect(suffixWarning(target, algorithm)).toBeUndefined());
});

describe('a name that promises something else is', () => {
  test.each<[string, Algorithm, string]>([
    ['a/x.tar', 'zstd', 'the tar is compressed by zstd, its name x.tar says otherwise; .tar.zst would fit'],
    ['x.tgz', 'none', 'the tar is not compressed, its name x.tgz says otherwise; .tar would fit'],
    ['x.tar.gz', 'xz', 'the tar is compressed by xz, its name x.tar.gz says otherwise; .tar.xz would fit'],
  ])('%s of %s', (target, algorithm, warning) => expect(suffixWarning(target, algorithm)).toBe(warning));
});
