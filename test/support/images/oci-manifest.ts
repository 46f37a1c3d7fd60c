import { json } from './archive-files.ts';
import type { TestImage } from './test-image.ts';

export const ociManifestType = 'application/vnd.oci.image.manifest.v1+json';
export const ociIndexType = 'application/vnd.oci.image.index.v1+json';

/** OCI image-layout.md, oci-layout file. */
export const layoutMarker = json({ imageLayoutVersion: '1.0.0' });

/** OCI manifest.md. */
export function imageManifest(image: TestImage): Buffer {
  return json({
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: image.configDigest,
      size: image.config.length,
    },
    layers: image.layers.map(({ mediaType, digest, blob }) => ({ mediaType, digest, size: blob.length })),
  });
}
