/** The 512-byte header block. POSIX.1-2017 pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format". */

export const BLOCK = 512;

/** Bytes that data of `size` takes with the padding to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** Where each field begins and ends in a header block. */
export const field = {
  name: [0, 100],
  mode: [100, 108],
  uid: [108, 116],
  gid: [116, 124],
  size: [124, 136],
  mtime: [136, 148],
  checksum: [148, 156],
  typeflag: [156, 157],
  linkname: [157, 257],
  magic: [257, 265],
  deviceMajor: [329, 337],
  deviceMinor: [337, 345],
  prefix: [345, 500],
  /** Schily's star keeps times behind a shorter prefix and signs the block with `tar\0` at its end. */
  starPrefix: [345, 476],
  gnuAtime: [345, 357],
  gnuCtime: [357, 369],
  /** With the mark that it goes on, and the real size. */
  gnuSparseMap: [386, 495],
  gnuSparseExtended: [482, 483],
} as const satisfies Record<string, readonly [number, number]>;

export type Field = readonly [number, number];

/** Entry types by their typeflag byte. */
export const Type = {
  oldFile: 0,
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  character: 0x33,
  block: 0x34,
  directory: 0x35,
  fifo: 0x36,
  contiguous: 0x37,
  gnuLongLink: 0x4b,
  gnuLongName: 0x4c,
  gnuSparse: 0x53,
  volumeLabel: 0x56,
  solarisPax: 0x58,
  paxGlobal: 0x67,
  pax: 0x78,
} as const;

/** Types that have no data, whatever their size field says. So do Go's and Python's readers take them. */
export function isHeaderOnly(type: number): boolean {
  return type >= Type.hardlink && type <= Type.fifo;
}

/** Types whose link target means something. node-tar drops any other entry that has one. */
export function isLink(type: number): boolean {
  return type === Type.hardlink || type === Type.symlink;
}

export type Dialect = 'v7' | 'ustar' | 'star' | 'gnu';

/** `ustar\0` is POSIX, `ustar  \0` is GNU, whose blocks have no prefix field. */
export function dialectOf(block: Buffer): Dialect {
  if (block.toString('latin1', 257, 262) !== 'ustar') return 'v7';
  if (block[262] === 0x20) return 'gnu';
  return block.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar';
}

export function isZeroBlock(words: Int32Array, start: number): boolean {
  for (let i = start; i < start + BLOCK / 4; i++) if (words[i] !== 0) return false;
  return true;
}

/** The field's bytes up to its first NUL. */
export function textField(block: Buffer, [start, end]: Field): Buffer {
  const nul = block.indexOf(0, start);
  return block.subarray(start, nul === -1 || nul > end ? end : nul);
}

/**
 * A numeric field: octal text up to a NUL, or base-256 when the first bit is set (GNU; negative numbers in two's
 * complement). undefined if it is neither, or beyond what a double holds exactly.
 */
export function numberField(block: Buffer, [start, end]: Field): number | undefined {
  const first = block[start];
  if (first & 0x80) return base256(block, start, end);
  let i = start;
  while (i < end && (block[i] === 0x20 || block[i] === 0)) i++;
  let value = 0;
  for (; i < end; i++) {
    const digit = block[i] - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; i < end && block[i] !== 0; i++) if (block[i] !== 0x20) return undefined;
  return value;
}

function base256(block: Buffer, start: number, end: number): number | undefined {
  const negative = (block[start] & 0x40) !== 0;
  let value = negative ? (block[start] & 0x7f) - 0x80 : block[start] & 0x7f;
  for (let i = start + 1; i < end; i++) value = value * 256 + block[i];
  return Number.isSafeInteger(value) ? value : undefined;
}

const CHECKSUM_AS_SPACES = 8 * 0x20;

/** Sum of a block's bytes, its checksum field taken as spaces; `words` views the same memory, `start` in words. */
export function blockSum(words: Int32Array, start: number, block: Buffer): number {
  let lanes = 0;
  let sum = 0;
  // Two 16-bit lanes hold 128 words of at most 2 x 255 each.
  for (let i = start; i < start + BLOCK / 4; i++) {
    const word = words[i];
    lanes += (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
  }
  sum = (lanes & 0xffff) + (lanes >>> 16);
  for (let i = field.checksum[0]; i < field.checksum[1]; i++) sum -= block[i];
  return sum + CHECKSUM_AS_SPACES;
}

/** Some old writers summed signed bytes; readers accept both. */
export function signedBlockSum(block: Buffer): number {
  let sum = CHECKSUM_AS_SPACES;
  for (let i = 0; i < BLOCK; i++) {
    if (i < field.checksum[0] || i >= field.checksum[1]) sum += (block[i] << 24) >> 24;
  }
  return sum;
}

export function writeText(block: Buffer, [start, end]: Field, text: Uint8Array): void {
  block.fill(0, start, end);
  block.set(text.subarray(0, end - start), start);
}

/** Octal with a closing NUL; the value must fit, as sizes of what we write ourselves do. */
export function writeOctal(block: Buffer, [start, end]: Field, value: number): void {
  const digits = end - start - 1;
  block.write(value.toString(8).padStart(digits, '0'), start, digits, 'latin1');
  block[end - 1] = 0;
}

export function writeChecksum(block: Buffer): void {
  let sum = CHECKSUM_AS_SPACES;
  for (let i = 0; i < BLOCK; i++) {
    if (i < field.checksum[0] || i >= field.checksum[1]) sum += block[i];
  }
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, field.checksum[0], 8, 'latin1');
}
