import { type FlattenReport, traits } from '@dimgx/core';

export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

export const content = Buffer.from(Array.from({ length: 100 }, (_, at) => at));

/** On an artifact of `content`, as a job's result has it. */
export const report: FlattenReport = {
  image: {
    reference: 'debian:12',
    digest: digest('1'),
    configDigest: digest('2'),
    platform: 'linux/amd64',
    repoTags: [],
  },
  layers: [],
  artifact: {
    key: `debian/0123456789ab/${'f'.repeat(64)}.tar.zst`,
    ...{ mediaType: traits.zstd.mediaType, compression: 'zstd', level: 3, size: content.length },
    ...{ sha256: digest('a'), uncompressedSize: 1000, diffId: digest('b') },
  },
  entries: { files: 1, directories: 0, symlinks: 0, hardlinks: 0, devices: 0, removed: 0, shadowed: 0 },
  cached: false,
  durationMs: 5,
  dimgxVersion: '1.2.3',
};
