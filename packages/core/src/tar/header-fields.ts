import { type Dialect, dialectOf, field, numberField, textField } from './block.ts';
import { invalid, show } from './faults.ts';
import { hasStrayPrefix } from './odd-headers.ts';
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

const ids = [field.uid, field.gid];
const others = [field.mode, field.mtime];
const devices = [field.deviceMajor, field.deviceMinor];
const MOST_ID = 2 ** 32 - 1;

/**
 * Nothing is done with these numbers but to pass them on; readers that can't read one refuse the whole tar. Blocks of
 * every type have them.
 */
export function checkNumbers(block: Buffer): void {
  const isId = (id: number | undefined) => id !== undefined && id >= 0 && id <= MOST_ID;
  const areValid =
    ids.every((each) => isId(numberField(block, each))) &&
    others.every((each) => numberField(block, each) !== undefined) &&
    (devices.every((each) => numberField(block, each) !== undefined) || dialectOf(block) === 'v7');
  if (areValid) return;
  throw invalid(`a header has no valid mode, owner, time or device: ${show(headerName(block))}`);
}

const time = /^-?[0-9]{1,19}(?:\.[0-9]*)?$/;

/** The same of what PAX records say in their place. */
export function checkRecords(pax: readonly PaxRecord[], block: Buffer): void {
  for (const { key, value } of pax) {
    if (value.length === 0 || isValidRecord(key, value)) continue;
    throw invalid(`a PAX record of ${show(headerName(block))} has no valid ${key}`);
  }
}

function isValidRecord(key: string, value: Buffer): boolean {
  switch (key) {
    case 'uid':
    case 'gid':
      return (paxNumber(value) ?? Number.POSITIVE_INFINITY) <= MOST_ID;
    case 'mtime':
    case 'atime':
    case 'ctime':
      return time.test(value.toString('latin1'));
    case 'uname':
    case 'gname':
      return !value.includes(0);
    default:
      return true;
  }
}

function headerName(block: Buffer): Buffer {
  return textField(block, field.name);
}
