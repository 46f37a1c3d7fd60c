/** One PAX record; the value is binary (xattrs) and may hold newlines and `=`. POSIX.1-2017 pax, "pax Header Block". */
export interface PaxRecord {
  readonly key: string;
  readonly value: Buffer;
}

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
const ZERO = 0x30;

/** The records of an extended header's data, in order; undefined if they are not well formed. */
export function parsePax(data: Buffer): PaxRecord[] | undefined {
  const records: PaxRecord[] = [];
  let position = 0;
  while (position < data.length) {
    let space = position;
    let length = 0;
    for (; space < data.length && data[space] !== SPACE; space++) {
      const digit = data[space] - ZERO;
      if (digit < 0 || digit > 9) return undefined;
      length = length * 10 + digit;
    }
    const end = position + length;
    const equals = data.indexOf(EQUALS, space + 1);
    if (end > data.length || equals === -1 || equals >= end || data[end - 1] !== NEWLINE) return undefined;
    const key = data.toString('utf8', space + 1, equals);
    if (key === '' || key.includes('\0')) return undefined;
    records.push({ key, value: data.subarray(equals + 1, end - 1) });
    position = end;
  }
  return records;
}

export function encodePax(records: readonly PaxRecord[]): Buffer {
  return Buffer.concat(records.map(encodeRecord));
}

/** A record counts its own length, the digits of that length included. */
function encodeRecord({ key, value }: PaxRecord): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = body.length;
  while (length !== body.length + String(length).length) length = body.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), body]);
}

/** The last value of a key wins. An empty value says that the header's own field counts. */
export function paxValue(records: readonly PaxRecord[], key: string): Buffer | undefined {
  const value = records.findLast((record) => record.key === key)?.value;
  return value === undefined || value.length === 0 ? undefined : value;
}

/** A decimal value such as `size`; undefined if it is no whole, safe number. */
export function paxNumber(value: Buffer): number | undefined {
  const text = value.toString('latin1');
  if (!/^0*[0-9]{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}
