import { randomBytes } from 'node:crypto';

/** Of the newest id of this process. */
const newest = { time: 0, count: 0 };
const counts = 0x1000;

/**
 * A new job id: a UUID of version 7 (RFC 9562, 5.7), so ids sort by the time they were made, those of one process also
 * within a millisecond (6.2, method 1). BullMQ takes it as it is: no colon, not a number.
 */
export function newJobId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  const { time, count } = placeOf(now, bytes.readUInt16BE(6));
  bytes.writeUIntBE(time, 0, 6);
  bytes.writeUInt16BE(0x7000 | count, 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/**
 * A count begins anew, at random in its lower half, with each millisecond; when it is full the next one is taken. A
 * clock that was set back is followed only if it was by more than a second.
 */
function placeOf(now: number, random: number): { time: number; count: number } {
  const isElsewhere = now > newest.time || now < newest.time - 1000;
  if (isElsewhere) Object.assign(newest, { time: now, count: random % (counts / 2) });
  else if (newest.count + 1 < counts) newest.count += 1;
  else Object.assign(newest, { time: newest.time + 1, count: random % (counts / 2) });
  return newest;
}

/** When a job's id was made, in ms. */
export function jobIdTime(id: string): number {
  return Number.parseInt(id.slice(0, 13).replace('-', ''), 16);
}

/** Whether the text can be a job's id at all. */
export function isJobId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text);
}
