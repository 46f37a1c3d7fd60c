const MIB = 1024 * 1024;

/** S3 refuses a smaller one, save for an upload's last. */
export const minPartSize = 5 * MIB;
export const maxPartSize = 512 * MIB;
export const defaultPartSize = 8 * MIB;

/** S3 takes no more of one upload. */
export const maxParts = 10_000;

const partsOfOneSize = 1000;

/**
 * Bytes of an upload's part `number`, counted from 1. How long the artifact becomes is not known when it starts, so
 * parts grow on the way: they double every thousand parts, up to 512 MiB. Up to 8 GB all parts have 8 MiB, 56 GB
 * are reached with 32 MiB, and 10,000 parts hold 2.7 TB.
 */
export function partSizeOf(number: number, first: number): number {
  return Math.min(first * 2 ** Math.floor((number - 1) / partsOfOneSize), maxPartSize);
}
