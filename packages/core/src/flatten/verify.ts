import { createHash } from 'node:crypto';
import { compressionOfRegion } from '../compress/decompress.ts';
import { DimgxError } from '../errors.ts';
import { type Digest, digestFromHex } from '../image/digest.ts';
import { type FileRegion, readRegion } from '../image/file-region.ts';
import type { EngineLayer } from './engine-layer.ts';

/** Stays in a core's second cache between reading and digesting. */
const PIECE = 256 * 1024;

/** Bytes that must have a digest. */
export interface Claim {
  readonly region: FileRegion;
  readonly digest: Digest;
  /** What the bytes are, for messages. */
  readonly subject: string;
}

/**
 * What is claimed of the layers' bytes as they are stored: the blob's digest, and the diff id of what is not
 * compressed. The diff id of a compressed layer is checked while it is unpacked.
 */
export function storedClaims(layers: readonly EngineLayer[]): Claim[] {
  return layers.flatMap(({ blob, subject }) => {
    const digests = new Set<Digest>();
    if (blob.digest !== undefined) digests.add(blob.digest);
    if (compressionOfRegion(blob) === 'none') digests.add(blob.diffId);
    return Array.from(digests, (digest) => ({ region: blob, digest, subject }));
  });
}

/** Digests each region; throws `DIGEST_MISMATCH` at the first that is not what it should be. Blocks its thread. */
export function verifyClaims(claims: readonly Claim[], check: () => void): void {
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  for (const { region, digest, subject } of claims) {
    const hash = createHash('sha256');
    for (let position = 0; position < region.size; ) {
      check();
      const count = readRegion(region, buffer, position);
      if (count === 0)
        throw new DimgxError('LAYER_TRUNCATED', `${subject}: the file that holds it became shorter`);
      hash.update(buffer.subarray(0, count));
      position += count;
    }
    const actual = digestFromHex(hash.digest('hex'));
    if (actual !== digest) {
      throw new DimgxError(
        'DIGEST_MISMATCH',
        `${subject}: its bytes have the digest ${actual}, not ${digest}`,
      );
    }
  }
}
