import type { FlattenOutcome } from '../../src/flatten/flatten-result.ts';
import { type DiffId, digestOf } from '../../src/image/digest.ts';

/** What came of flattening to the nine bytes `artifact\n`. */
export const content = Buffer.from('artifact\n');

export const flattenOutcome: FlattenOutcome = {
  tar: {
    mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd',
    compression: 'zstd',
    level: 3,
    size: content.byteLength,
    sha256: digestOf(content),
    uncompressedSize: 10_240,
    diffId: digestOf('uncompressed') as DiffId,
  },
  entries: { files: 5, directories: 3, symlinks: 1, hardlinks: 0, devices: 0, removed: 2, shadowed: 1 },
};
