import type { FlattenReport } from '@dimgx/core';
import { expect, test } from 'vitest';
import { flattenSummary } from '../src/commands/flatten-summary.ts';

const report = (reference: string, key: string): FlattenReport => ({
  ...{
    image: { reference, digest: 'd', configDigest: 'c', platform: 'linux/amd64', repoTags: [] },
    layers: [],
  },
  artifact: {
    ...{
      key,
      mediaType: 'application/x-tar',
      compression: 'none',
      level: null,
      size: 2000,
      uncompressedSize: 2000,
    },
    ...{ sha256: 'sha256:1', diffId: 'sha256:2' },
  },
  entries: { files: 1, directories: 1, symlinks: 0, hardlinks: 0, devices: 0, removed: 0, shadowed: 0 },
  ...{ cached: false, durationMs: 5, dimgxVersion: '0' },
});

test.each([
  [
    'app:1',
    'a.tar',
    /^app:1 \(0 layers\) is a\.tar: 2\.00 kB, 2 entries, in 5 ms\nsha256 {2}sha256:1\ndiff id sha256:2\n$/,
  ],
  ['-', '-', /^the image on stdin \(0 layers\) is on stdout: /],
])('%s flattened into %s is told in words', (reference, key, told) => {
  expect(flattenSummary(report(reference, key))).toMatch(told);
});
