import { BLOCK, type Field, numberField } from './block.ts';
import { type PaxRecord, paxNumber, paxValue } from './pax.ts';

/**
 * The map of a sparse file: which stretches of it the archive has, one behind the other; the rest are zeros. Offset
 * and length by turns. GNU tar manual, "Storing Sparse Files".
 */
export interface SparseMap {
  readonly pairs: readonly number[];
  /** Bytes of the file, holes included. */
  readonly realSize: number;
  /** Bytes of the stretches that there must be. */
  readonly stored: number;
}

const PREFIX = 'GNU.sparse.';
const PAIR = 24;
const NUMBER = 12;
const REAL_SIZE: Field = [483, 495];

export function hasSparseRecords(pax: readonly PaxRecord[]): boolean {
  return pax.some(({ key }) => key.startsWith(PREFIX));
}

/** Form 1.0 has its map before the data. */
export function isMapInData(pax: readonly PaxRecord[]): boolean {
  return textOf(pax, 'major') === '1' && textOf(pax, 'minor') === '0';
}

/** Whether stretches lie in order, inside the file, and in the data that there is. */
export function isSound({ pairs, realSize, stored }: SparseMap, dataSize: number): boolean {
  let end = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    if (pairs[i] < end) return false;
    end = pairs[i] + pairs[i + 1];
  }
  return end <= realSize && stored <= dataSize;
}

/** Forms 0.0 and 0.1, which have the map in their records; undefined if the records make none. */
export function mapOfRecords(pax: readonly PaxRecord[]): SparseMap | undefined {
  const major = textOf(pax, 'major');
  const known = major === undefined ? textOf(pax, 'minor') === undefined : major === '0';
  const realSize = paxNumber(paxValue(pax, `${PREFIX}size`) ?? paxValue(pax, `${PREFIX}realsize`) ?? NOTHING);
  const map = textOf(pax, 'map');
  const texts = map === undefined ? pairRecords(pax) : map.split(',');
  return known && texts.length > 0 ? mapOf(texts, realSize) : undefined;
}

/**
 * Form 1.0: lines of decimal numbers at the data's start, how many stretches there are, then each. `dataBlock` gives
 * a block of the data, undefined behind its end.
 */
export function mapInData(
  pax: readonly PaxRecord[],
  dataBlock: (index: number) => Buffer | undefined,
): SparseMap | undefined {
  const realSize = paxNumber(paxValue(pax, `${PREFIX}realsize`) ?? NOTHING);
  let text = '';
  let wanted = Number.POSITIVE_INFINITY;
  let lines = 0;
  for (let index = 0; lines < wanted; index++) {
    const block = dataBlock(index)?.toString('latin1');
    if (block === undefined) return undefined;
    text += block;
    lines += block.split('\n').length - 1;
    if (wanted !== Number.POSITIVE_INFINITY || lines === 0) continue;
    const count = paxNumber(Buffer.from(text.slice(0, text.indexOf('\n'))));
    if (count === undefined) return undefined;
    wanted = 1 + 2 * count;
  }
  const map = mapOf(text.split('\n').slice(1, wanted), realSize);
  return map && { ...map, stored: map.stored + text.length };
}

/** GNU's old form: four stretches in the header, 21 in each block of `more`. */
export function mapOfHeader(header: Buffer, more: Buffer): SparseMap | undefined {
  const pairs = pairFields(header.subarray(386, 386 + 4 * PAIR));
  for (let start = 0; start < more.length; start += BLOCK) {
    pairs.push(...pairFields(more.subarray(start, start + 21 * PAIR)));
  }
  const realSize = numberField(header, REAL_SIZE);
  if (realSize === undefined || realSize < 0) return undefined;
  return mapOfNumbers(pairs, realSize);
}

function pairFields(fields: Buffer): (number | undefined)[] {
  const pairs: (number | undefined)[] = [];
  for (let at = 0; at < fields.length && fields[at] !== 0; at += PAIR) {
    pairs.push(numberField(fields, [at, at + NUMBER]), numberField(fields, [at + NUMBER, at + PAIR]));
  }
  return pairs;
}

/** Form 0.0: an `offset` and a `numbytes` for each stretch. */
function pairRecords(pax: readonly PaxRecord[]): string[] {
  const wanted = pax.filter(({ key }) => key === `${PREFIX}offset` || key === `${PREFIX}numbytes`);
  const alternate = wanted.every(({ key }, index) => key.endsWith('offset') === (index % 2 === 0));
  return alternate ? wanted.map(({ value }) => value.toString('latin1')) : [];
}

function mapOf(texts: readonly string[], realSize: number | undefined): SparseMap | undefined {
  if (realSize === undefined) return undefined;
  return mapOfNumbers(
    texts.map((text) => paxNumber(Buffer.from(text, 'latin1'))),
    realSize,
  );
}

function mapOfNumbers(numbers: readonly (number | undefined)[], realSize: number): SparseMap | undefined {
  const pairs = numbers.filter((number) => number !== undefined && number >= 0) as number[];
  if (pairs.length < numbers.length || pairs.length % 2 !== 0) return undefined;
  return { pairs, realSize, stored: pairs.reduce((sum, number, index) => sum + (index % 2) * number, 0) };
}

const NOTHING = Buffer.alloc(0);

function textOf(pax: readonly PaxRecord[], name: string): string | undefined {
  return paxValue(pax, PREFIX + name)?.toString('latin1');
}
