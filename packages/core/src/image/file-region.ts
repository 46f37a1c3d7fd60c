import { readSync } from 'node:fs';

/** `size` bytes at `offset` of an open file, which stays its owner's to close. */
export interface FileRegion {
  readonly fd: number;
  readonly offset: number;
  readonly size: number;
}

/** Reads from `position` of the region, never beyond its end; returns how many bytes there were, perhaps fewer. */
export function readRegion(region: FileRegion, target: Uint8Array, position: number): number {
  const most = Math.min(target.length, region.size - position);
  return most <= 0 ? 0 : readSync(region.fd, target, 0, most, region.offset + position);
}

/** Reads on until the target is full or the region ends; returns how many bytes there were. */
export function fillFromRegion(region: FileRegion, target: Uint8Array, position: number): number {
  let length = 0;
  while (length < target.length) {
    const count = readRegion(region, target.subarray(length), position + length);
    if (count === 0) break;
    length += count;
  }
  return length;
}
