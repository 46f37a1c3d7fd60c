import { DimgxError } from '../errors.ts';
import { type FileRegion, fillFromRegion } from '../image/file-region.ts';
import { isSkippable, ZSTD_FRAME } from './magic.ts';

const WINDOW = 64 * 1024;

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
  const window = new Window(region);
  let position = 0;
  while (position < region.size) {
    const magic = window.bytes(position, 4).readUInt32LE(0);
    if (isSkippable(magic)) {
      position += 8 + window.bytes(position + 4, 4).readUInt32LE(0);
      if (position > region.size) throw truncated();
      continue;
    }
    if (magic !== ZSTD_FRAME) {
      throw new DimgxError('COMPRESSION_INVALID', `what stands at byte ${position} is no zstd frame`);
    }
    const end = frameEnd(window, position + 4);
    yield { start: position, end };
    position = end;
  }
}

function frameEnd(window: Window, headerStart: number): number {
  const [descriptor] = window.bytes(headerStart, 1);
  const hasChecksum = (descriptor & 4) !== 0;
  let position = headerStart + headerSize(descriptor);
  for (let last = false; !last; ) {
    const header = window.bytes(position, 3).readUIntLE(0, 3);
    last = (header & 1) !== 0;
    const isRunLength = ((header >>> 1) & 3) === 1;
    position += 3 + (isRunLength ? 1 : header >>> 3);
  }
  const end = position + (hasChecksum ? 4 : 0);
  if (end > window.size) throw truncated();
  return end;
}

/** Section 3.1.1.1: the descriptor, a window byte unless there is one segment, dictionary id and content size. */
function headerSize(descriptor: number): number {
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryId = [0, 1, 2, 4][descriptor & 3];
  const contentSize = [singleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6];
  return 1 + (singleSegment ? 0 : 1) + dictionaryId + contentSize;
}

/** A stretch of the region in memory: headers of small blocks come many to a read. */
class Window {
  readonly #region: FileRegion;
  readonly #memory: Buffer;
  #start = 0;
  #length = 0;

  constructor(region: FileRegion) {
    this.#region = region;
    this.#memory = Buffer.alloc(Math.min(WINDOW, region.size));
  }

  get size(): number {
    return this.#region.size;
  }

  /** Valid until the next call. */
  bytes(position: number, length: number): Buffer {
    if (position < this.#start || position + length > this.#start + this.#length) {
      this.#start = position;
      this.#length = fillFromRegion(this.#region, this.#memory, position);
      if (this.#length < length) throw truncated();
    }
    return this.#memory.subarray(position - this.#start, position - this.#start + length);
  }
}

function truncated(): DimgxError {
  return new DimgxError('COMPRESSION_INVALID', 'the zstd data ends before its last frame does');
}
