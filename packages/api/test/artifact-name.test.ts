import type { FlattenReport } from '@dimgx/core';
import { jobRequestSchema } from '@dimgx/queue';
import { expect, test } from 'vitest';
import { artifactFileName } from '../src/artifact-name.ts';

const fingerprint = 'f'.repeat(64);

function nameOf(key: string, compression: string, destination?: string): string {
  const request = jobRequestSchema.parse({
    image: 'a',
    ...(destination !== undefined && { destination: { key: destination } }),
  });
  return artifactFileName(request, { artifact: { key, compression } } as FlattenReport);
}

test.each([
  ['debian/0123456789ab', 'zstd', 'debian-0123456789ab.tar.zst'],
  ['ghcr.io/group/app/0123456789ab', 'gzip', 'app-0123456789ab.tar.gz'],
  ['app/0123456789ab', 'none', 'app-0123456789ab.tar'],
])('the artifact in %s, %s, is saved as %s', (folder, compression, name) => {
  expect(nameOf(`${folder}/${fingerprint}.tar`, compression)).toBe(name);
});

test('the key that was asked for gives the name', () => {
  expect(nameOf('exports/nightly.tgz', 'gzip', 'exports/nightly.tgz')).toBe('nightly.tgz');
});
