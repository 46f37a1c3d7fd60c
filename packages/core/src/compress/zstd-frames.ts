import { DimgxError } from '../errors.ts';
import { type FileRegion, readRegion } from '../image/file-region.ts';
import { isSkippable, ZSTD_FRAME } from './magic.ts';

/** Where a frame's bytes lie in the region. */
export interface ZstdFrame {
  readonly start: number;
  readonly end: number;
}

/**
 * The frames of a zstd stream, skippable ones left out, found by their block headers alone. node's decompressor
 * drops without a word what follows a frame within one write, so it must be fed frame by frame.
 * RFC 8878, section 3.1. Throws `COMPRESSION_INVALID`.
 */
export function* zstdFrames(region: FileRegion): Generator<ZstdFrame> {
  let position = 0;
  while (position < region.size) {
    const magic = bytesAt(region, position, 4).readUInt32LE(0);
    if (isSkippable(magic)) {
      position += 8 + bytesAt(region, position + 4, 4).readUInt32LE(0);
      if (position > region.size) throw truncated();
      continue;
    }
    if (magic !== ZSTD_FRAME) {
      throw new DimgxError('COMPRESSION_INVALID', `what stands at byte ${position} is no zstd frame`);
    }
    const end = frameEnd(region, position + 4);
    yield { start: position, end };
    position = end;
  }
}

function frameEnd(region: FileRegion, headerStart: number): number {
  const [descriptor] = bytesAt(region, headerStart, 1);
  const hasChecksum = (descriptor & 4) !== 0;
  let position = headerStart + headerSize(descriptor);
  for (let last = false; !last; ) {
    const header = bytesAt(region, position, 3).readUIntLE(0, 3);
    last = (header & 1) !== 0;
    const isRunLength = ((header >>> 1) & 3) === 1;
    position += 3 + (isRunLength ? 1 : header >>> 3);
  }
  const end = position + (hasChecksum ? 4 : 0);
  if (end > region.size) throw truncated();
  return end;
}

/** Section 3.1.1.1: the descriptor, a window byte unless there is one segment, dictionary id and content size. */
function headerSize(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3];
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6];
  return 1 + (singleSegment ? 0 : 1) + dictionaryId + contentSize;
}

function bytesAt(region: FileRegion, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const count = readRegion(region, bytes.subarray(filled), position + filled);
    if (count === 0) throw truncated();
    filled += count;
  }
  return bytes;
}

function truncated(): DimgxError {
  return new DimgxError('COMPRESSION_INVALID', 'the zstd data ends before its last frame does');
}
