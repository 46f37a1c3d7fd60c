import { DimgxError } from '../errors.ts';

/** S3 takes keys of 1,024 bytes; what is left of them is for the prefix. */
export const maxKeyBytes = 600;

/** File names of Linux have 255 bytes. A leading dot is kept for what the stores themselves write. */
const segmentPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,254}$/;

/** What is wrong with a store's key, to be read after its name; undefined if nothing is. */
export function grammarFault(key: string): string | undefined {
  if (key.length > maxKeyBytes) return `is longer than ${maxKeyBytes} bytes`;
  if (key.split('/').every((segment) => segmentPattern.test(segment))) return undefined;
  return 'must be segments of letters, digits, "_", "-" and ".", joined by "/", none with a dot in front';
}

/** Throws `REQUEST_INVALID` for a key that no store takes; keys that we make ourselves never are. */
export function checkKey(key: string): void {
  const fault = grammarFault(key);
  if (fault !== undefined) throw new DimgxError('REQUEST_INVALID', `the key ${quoteKey(key)} ${fault}`);
}

/** A hostile key as part of a one-line message. */
export function quoteKey(key: string): string {
  return JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key);
}
