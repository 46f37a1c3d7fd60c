import { expect, test } from 'vitest';
import { type ArchiveFiles, json } from '../../../../test/support/images/archive-files.ts';
import { ociLayoutFiles } from '../../../../test/support/images/oci-layout.ts';
import {
  imageManifest,
  ociIndexType,
  ociManifestType,
} from '../../../../test/support/images/oci-manifest.ts';
import { hexOf, type ImageSpec, sha256, testImage } from '../../../../test/support/images/test-image.ts';
import { amd64, openedOci, tarOf } from './opened-oci.ts';

test.each([
  ['manifest', sha256(imageManifest(testImage(amd64)))],
  ['config', testImage(amd64).configDigest],
])('a %s that was changed is refused', async (_, digest) => {
  const files = ociLayoutFiles(amd64);
  const path = `blobs/sha256/${hexOf(digest)}`;
  files.set(path, Buffer.concat([files.get(path) as Buffer, Buffer.from(' ')]));
  await expect(openedOci(files)).rejects.toMatchObject({
    code: 'DIGEST_MISMATCH',
    message: expect.stringContaining(path),
  });
});

test('a layer of another size than its manifest says is refused', async () => {
  const files = ociLayoutFiles(amd64);
  const path = `blobs/sha256/${hexOf(testImage(amd64).layers[0].digest)}`;
  files.set(path, Buffer.concat([files.get(path) as Buffer, Buffer.alloc(512)]));
  await expect(openedOci(files)).rejects.toMatchObject({
    code: 'DIGEST_MISMATCH',
    message: expect.stringContaining('its manifest says'),
  });
});

/** A layout of one image whose manifest is spoiled. */
function spoiled(
  change: (manifest: Record<string, unknown>) => object,
  mediaType = ociManifestType,
): ArchiveFiles {
  const files = ociLayoutFiles(amd64);
  const manifest = json(change(JSON.parse(String(imageManifest(testImage(amd64))))));
  files.set(`blobs/sha256/${hexOf(sha256(manifest))}`, manifest);
  const descriptor = { mediaType, digest: sha256(manifest), size: manifest.length };
  return files.set('index.json', json({ schemaVersion: 2, manifests: [descriptor] }));
}

test.each<[string, ArchiveFiles, string, RegExp]>([
  [
    'both an index and a manifest',
    spoiled((manifest) => ({ ...manifest, manifests: [] })),
    'MANIFEST_INVALID',
    /both/,
  ],
  ['schema 1', spoiled(() => ({ schemaVersion: 1, fsLayers: [] })), 'MANIFEST_INVALID', /schema 1/],
  ['a manifest without a config', spoiled(({ layers }) => ({ layers })), 'MANIFEST_INVALID', /config/],
  [
    'too few layers',
    spoiled((manifest) => ({ ...manifest, layers: [] })),
    'MANIFEST_INVALID',
    /0 layers.*tells of 1/,
  ],
  [
    'a digest of another algorithm',
    spoiled((manifest) => ({ ...manifest, config: { digest: 'sha512:aa', size: 1 } })),
    'MANIFEST_INVALID',
    /sha512/,
  ],
  [
    'a digest that climbs',
    spoiled((manifest) => ({ ...manifest, config: { digest: 'sha256:../../etc', size: 1 } })),
    'MANIFEST_INVALID',
    /no sha256/,
  ],
  [
    'a size that is not a number',
    spoiled((manifest) => ({ ...manifest, layers: [{ digest: 'sha256:aa', size: '1' }] })),
    'MANIFEST_INVALID',
    /layers\.0\.size/,
  ],
])('%s is refused', async (_, files, code, says) => {
  await expect(openedOci(files)).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
});

test.each<[string, ArchiveFiles, ImageSpec]>([
  [
    'an index that is said to be a manifest',
    spoiled(() => JSON.parse(String(indexOf(amd64))), ociManifestType),
    amd64,
  ],
  ['a manifest that is said to be an index', spoiled((manifest) => manifest, ociIndexType), amd64],
])('%s is read as what it is', async (_, files, expected) => {
  const { layers } = await openedOci(files);
  expect(layers).toEqual([tarOf(expected)]);
});

function indexOf(spec: ImageSpec): Buffer {
  return (ociLayoutFiles(spec).get('index.json') as Buffer) ?? Buffer.alloc(0);
}

test('a layer that must not be distributed is told of, with where it is to be had', async () => {
  const files = spoiled(({ layers, ...manifest }) => ({
    ...manifest,
    layers: (layers as object[]).map((each) => ({ ...each, urls: ['https://mcr.example/layer'] })),
  }));
  const { digest } = testImage(amd64).layers[0];
  files.delete(`blobs/sha256/${hexOf(digest)}`);
  await expect(openedOci(files)).rejects.toMatchObject({
    code: 'BLOB_MISSING',
    message: expect.stringMatching(/layer 0 of 1.*https:\/\/mcr\.example\/layer/),
  });
});
