import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Sha256 } from '../src/digest/sha256.ts';
import { Sha256 as NodeSha256 } from '../src/node/sha256.ts';

describe.each([
  ['for browsers', Sha256],
  ['for Node', NodeSha256],
])('the SHA-256 %s', (_where, Digest) => {
  // FIPS 180-4 pads to whole blocks of 64 bytes, whose last 8 are the length.
  test.each([0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 100_000])('is right for %i bytes', (length) => {
    const bytes = randomBytes(length);
    const digest = new Digest();
    for (let at = 0; at < length; at += 37) digest.update(bytes.subarray(at, at + 37));
    expect(digest.hex()).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});
