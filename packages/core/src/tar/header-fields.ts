import { type Dialect, field, numberField, Type, textField } from './block.ts';
import { invalid, show } from './faults.ts';
import { type PaxRecord, paxNumber, paxValue } from './pax.ts';

const SLASH = Buffer.from('/');

/** The path that a header block spells, name and prefix joined. */
export function headerPath(block: Buffer, dialect: Dialect): Buffer {
  const name = textField(block, field.name);
  const prefix = headerPrefix(block, dialect);
  return prefix.length === 0 ? name : Buffer.concat([prefix, SLASH, name]);
}

function headerPrefix(block: Buffer, dialect: Dialect): Buffer {
  switch (dialect) {
    case 'ustar':
      return textField(block, field.prefix);
    case 'star':
      return textField(block, field.starPrefix);
    case 'gnu':
      return hasStrayPrefix(block) ? textField(block, field.prefix) : block.subarray(0, 0);
    case 'v7':
      return block.subarray(0, 0);
  }
}

/**
 * Go before 1.8 (so Docker before 1.13) wrote a prefix into GNU blocks, where times belong. Other readers take it
 * for times, so such a block can't be passed on as it is.
 */
export function hasStrayPrefix(block: Buffer): boolean {
  if (block[field.prefix[0]] === 0) return false;
  const areTimes =
    numberField(block, field.gnuAtime) !== undefined && numberField(block, field.gnuCtime) !== undefined;
  return !areTimes && textField(block, field.prefix).every((byte) => byte >= 0x20 && byte <= 0x7e);
}

/** Bytes of data as the block says. Throws `LAYER_INVALID`. */
export function headerSize(block: Buffer): number {
  const size = numberField(block, field.size);
  if (size === undefined || size < 0) {
    throw invalid(`a header has no valid size: ${show(textField(block, field.name))}`);
  }
  return size;
}

/** Bytes of data as a PAX record says, which counts before the block's field. Throws `LAYER_INVALID`. */
export function dataSize(pax: readonly PaxRecord[], block: Buffer): number {
  const value = paxValue(pax, 'size');
  if (value === undefined) return headerSize(block);
  const size = paxNumber(value);
  if (size === undefined) throw invalid('a PAX record has no valid size');
  return size;
}

const metadata = [field.mode, field.uid, field.gid, field.mtime];
const deviceNumbers = [field.deviceMajor, field.deviceMinor];

const wholeNumber = /^-?[0-9]{1,19}$/;
const time = /^-?[0-9]{1,19}(?:\.[0-9]*)?$/;
const recordForms: ReadonlyMap<string, RegExp> = new Map([
  ...(['uid', 'gid'] as const).map((key) => [key, wholeNumber] as const),
  ...(['mtime', 'atime', 'ctime'] as const).map((key) => [key, time] as const),
]);

/** Nothing is done with them here but to pass them on; readers that can't read one refuse the whole tar. */
export function checkNumbers(block: Buffer, type: number, pax: readonly PaxRecord[]): void {
  for (const { key, value } of pax) {
    const form = recordForms.get(key);
    if (form === undefined || value.length === 0 || form.test(value.toString('latin1'))) continue;
    throw invalid(`a PAX record of ${show(headerName(block))} has no valid ${key}`);
  }
  const isDevice = type === Type.character || type === Type.block;
  for (const each of isDevice ? [...metadata, ...deviceNumbers] : metadata) {
    if (numberField(block, each) !== undefined) continue;
    throw invalid(`a header has no valid mode, owner, time or device: ${show(headerName(block))}`);
  }
}

function headerName(block: Buffer): Buffer {
  return textField(block, field.name);
}
