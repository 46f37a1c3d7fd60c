import { closeSync, mkdtempSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Algorithm, compressionOf } from '../../src/compress/compression.ts';
import { compressionOfRegion, decompressed } from '../../src/compress/decompress.ts';
import { openEncoder } from '../../src/compress/encoder.ts';
import { openSpoolFile } from '../../src/spool-file.ts';

const MIB = 1024 * 1024;
/** A program that meets what a machine without memory does to some. */
const killed = '#!/bin/sh\nkill -KILL $$\n';

/** Not random to the last bit, so that there is something to compress; over more than one block of each kind. */
const content = Buffer.alloc(Math.floor(5.3 * MIB));
for (let i = 0, state = 1; i < content.length; i++) {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  content[i] = i % 3 === 0 ? state >>> 24 : 97 + (i % 7);
}

async function encoded(algorithm: Algorithm, lanes: number, level?: number): Promise<Buffer> {
  const compression = compressionOf(algorithm, level);
  if (compression === undefined) throw new Error('no such level');
  const chunks: Buffer[] = [];
  const encoder = openEncoder(compression, lanes, {
    write: async (bytes) => {
      chunks.push(Buffer.from(bytes));
    },
  });
  try {
    let block = encoder.blocks.first;
    for (let position = 0; position < content.length; ) {
      const length = content.copy(block, 0, position);
      position += length;
      block = await encoder.blocks.exchange(block, length);
    }
    await encoder.end();
  } finally {
    await encoder.close();
  }
  return Buffer.concat(chunks);
}

async function decoded(bytes: Buffer): Promise<Buffer> {
  const fd = openSpoolFile(tmpdir());
  try {
    writeSync(fd, bytes);
    const region = { fd, offset: 0, size: bytes.length };
    const algorithm = compressionOfRegion(region);
    if (algorithm === 'none') return bytes;
    const pieces: Buffer[] = [];
    for await (const piece of decompressed(region, algorithm)) pieces.push(piece);
    return Buffer.concat(pieces);
  } finally {
    closeSync(fd);
  }
}

describe.each<{ algorithm: Algorithm; level?: number }>([
  { algorithm: 'none' },
  { algorithm: 'gzip' },
  { algorithm: 'zstd' },
  { algorithm: 'xz', level: 0 },
  { algorithm: 'bzip2', level: 1 },
])('$algorithm', ({ algorithm, level }) => {
  test('gives back what it took', async () => {
    expect((await decoded(await encoded(algorithm, 2, level))).equals(content)).toBe(true);
  });

  test('gives the same bytes however many lanes are at work', async () => {
    expect((await encoded(algorithm, 1, level)).equals(await encoded(algorithm, 4, level))).toBe(true);
  });
});

const xzMagic = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]);
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);
const checked = zstdCompressSync(content.subarray(0, MIB), {
  params: { [constants.ZSTD_c_checksumFlag]: 1 },
});

describe('compressed data', () => {
  test.each([
    {
      name: 'gzip of several members and trailing zeros',
      bytes: Buffer.concat([gzipSync('ab'), gzipSync('cd'), Buffer.alloc(10_000)]),
      text: 'abcd',
    },
    { name: 'an empty gzip member', bytes: gzipSync(''), text: '' },
    {
      name: 'several zstd frames',
      bytes: Buffer.concat(['ab', 'cd', 'ef'].map((text) => zstdCompressSync(text))),
      text: 'abcdef',
    },
    {
      name: 'a skippable frame first and last',
      bytes: Buffer.concat([skippable, zstdCompressSync('ab'), skippable, zstdCompressSync('cd'), skippable]),
      text: 'abcd',
    },
    {
      name: 'an empty zstd frame',
      bytes: Buffer.concat([zstdCompressSync(''), zstdCompressSync('ab')]),
      text: 'ab',
    },
  ])('of $name is one stream', async ({ bytes, text }) => {
    expect((await decoded(bytes)).toString()).toBe(text);
  });

  test('of frames with checksums and many blocks', async () => {
    expect((await decoded(Buffer.concat([checked, checked]))).length).toBe(2 * MIB);
  });

  test.each([
    { name: 'gzip, cut off', bytes: gzipSync(content.subarray(0, MIB)).subarray(0, 1000) },
    { name: 'zstd, cut off in a block', bytes: checked.subarray(0, 1000) },
    { name: 'zstd, cut off behind a frame', bytes: Buffer.concat([checked, checked.subarray(0, 6)]) },
    { name: 'gzip, damaged', bytes: damaged(gzipSync(content.subarray(0, MIB))) },
    { name: 'zstd, damaged', bytes: damaged(checked) },
    {
      name: 'gzip, followed by something else',
      bytes: Buffer.concat([gzipSync('ab'), Buffer.from('no gzip')]),
    },
    {
      name: 'zstd, followed by something else',
      bytes: Buffer.concat([zstdCompressSync('ab'), Buffer.from('no zstd')]),
    },
    { name: 'xz, damaged', bytes: Buffer.concat([xzMagic, Buffer.from([1, 2, 3])]) },
  ])('$name is an error', async ({ bytes }) => {
    await expect(decoded(bytes)).rejects.toMatchObject({ code: 'COMPRESSION_INVALID' });
  });

  test('a reader that stops early leaves nothing running', async () => {
    const fd = openSpoolFile(tmpdir());
    const bytes = await encoded('gzip', 2);
    writeSync(fd, bytes);
    for await (const piece of decompressed({ fd, offset: 0, size: bytes.length }, 'gzip')) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    closeSync(fd);
  });
});

describe('without its program', () => {
  beforeEach(() => void vi.stubEnv('PATH', import.meta.dirname));
  afterEach(() => void vi.unstubAllEnvs());

  test.each(['xz', 'bzip2'] as const)('%s data is said to need it', async (algorithm) => {
    const bytes = Buffer.concat([algorithm === 'xz' ? xzMagic : Buffer.from('BZh9'), Buffer.alloc(2 * MIB)]);
    await expect(decoded(bytes)).rejects.toMatchObject({
      code: 'COMPRESSION_UNSUPPORTED',
      message: `data of ${algorithm} is unpacked by the program of that name: install ${algorithm}`,
    });
  });

  test.each(['xz', 'bzip2'] as const)('%s can not be chosen', async (algorithm) => {
    await expect(encoded(algorithm, 1)).rejects.toMatchObject({
      code: 'COMPRESSION_UNSUPPORTED',
      message: `${algorithm} needs the program of that name: install ${algorithm}, or choose zstd or gzip`,
    });
  });
});

describe('whose program is ended by a signal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dimgx-tools-'));
    for (const name of ['xz', 'bzip2']) writeFileSync(join(folder, name), killed, { mode: 0o755 });
    vi.stubEnv('PATH', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test.each(['xz', 'bzip2'] as const)('%s data is not said to be damaged', async (algorithm) => {
    const bytes = Buffer.concat([algorithm === 'xz' ? xzMagic : Buffer.from('BZh9'), Buffer.alloc(2 * MIB)]);
    const fault = {
      code: 'INTERNAL',
      message: `${algorithm} was ended by SIGKILL; the same may succeed later`,
    };
    await expect(decoded(bytes)).rejects.toMatchObject(fault);
    await expect(encoded(algorithm, 1)).rejects.toMatchObject(fault);
  });
});

function damaged(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const middle = Math.floor(copy.length / 2);
  copy.fill(0x55, middle, middle + 64);
  return copy;
}

test('a sink that fails ends the encoder with its error', async () => {
  const encoder = openEncoder({ algorithm: 'zstd', level: 1 }, 2, {
    write: () => Promise.reject(new Error('sink is full')),
  });
  const feed = async (): Promise<void> => {
    let block = encoder.blocks.first;
    for (let i = 0; i < 10; i++) block = await encoder.blocks.exchange(block, block.length);
    await encoder.end();
  };
  await expect(feed()).rejects.toThrow('sink is full');
  await encoder.close();
});
