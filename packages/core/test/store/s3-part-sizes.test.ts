import { describe, expect, test } from 'vitest';
import {
  defaultPartSize,
  maxPartSize,
  maxParts,
  minPartSize,
  partSizeOf,
} from '../../src/store/s3-part-sizes.ts';

const MIB = 1024 * 1024;

describe('the parts of an upload', () => {
  test.each([
    [1, 8],
    [1000, 8],
    [1001, 16],
    [2000, 16],
    [2001, 32],
    [6001, 512],
    [10_000, 512],
  ])('part %i has %i MiB', (number, expected) => {
    expect(partSizeOf(number, defaultPartSize)).toBe(expected * MIB);
  });

  test.each([
    ['the least', minPartSize],
    ['the usual', defaultPartSize],
    ['the greatest', maxPartSize],
  ])('with %s first size hold more than any image may have, in 10,000', (_, first) => {
    let total = 0;
    for (let number = 1; number <= maxParts; number++) total += partSizeOf(number, first);
    expect(total).toBeGreaterThan(1024 * 1024 * MIB);
  });
});
