import type { Algorithm } from './compression.ts';

/** How many bytes `sniff` looks at. */
export const MAGIC_BYTES = 6;

/** What bytes begin as; media types and suffixes lie, so only the bytes count. Anything unknown is `none`. */
export function sniff(start: Buffer): Algorithm {
  if (start.length >= 2 && start[0] === 0x1f && start[1] === 0x8b) return 'gzip';
  if (start.length >= 4 && isZstdMagic(start.readUInt32LE(0))) return 'zstd';
  if (start.subarray(0, 6).equals(XZ)) return 'xz';
  if (start.length >= 4 && start.toString('latin1', 0, 3) === 'BZh' && start[3] >= 0x31 && start[3] <= 0x39) {
    return 'bzip2';
  }
  return 'none';
}

const XZ = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);

export const ZSTD_FRAME = 0xfd2fb528;

/** A frame, or a skippable one, which may come first. RFC 8878, section 3.1. */
function isZstdMagic(magic: number): boolean {
  return magic === ZSTD_FRAME || isSkippable(magic);
}

export function isSkippable(magic: number): boolean {
  return magic >>> 4 === 0x184d2a5;
}
