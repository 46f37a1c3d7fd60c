import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EngineLayer } from '../../src/flatten/engine-layer.ts';
import { defaultLimits } from '../../src/flatten/limits.ts';
import { unpackLayers } from '../../src/flatten/unpack-layer.ts';
import type { DiffId } from '../../src/image/digest.ts';
import { openSpoolFile } from '../../src/spool-file.ts';

const MIB = 1024 * 1024;
const long = Buffer.alloc(32 * MIB);
const wrong = `sha256:${'0'.repeat(64)}` as DiffId;

let fd: number;

beforeAll(() => {
  fd = openSpoolFile(tmpdir());
});

afterAll(() => closeSync(fd));

test.each([
  ['beside each other', 2, (bytes: number) => bytes < long.length],
  ['one after another, where there is one core', 1, (bytes: number) => bytes >= long.length],
])('layers are unpacked %s', async (_, atOnce, isSo) => {
  const layers = [gzipLayer(long, 0), gzipLayer(Buffer.alloc(512), MIB, wrong)];
  let unpacked = 0;
  const unpacking = unpackLayers(layers, {
    ...{ spoolFolder: tmpdir(), limits: defaultLimits, atOnce },
    check: () => {},
    onBytes: (total) => {
      unpacked = total;
    },
  });
  await expect(unpacking).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
  expect(unpacked).toSatisfy(isSo);
});

/** A layer at an offset of the file. */
function gzipLayer(tar: Buffer, offset: number, diffId = digestOf(tar)): EngineLayer {
  const bytes = gzipSync(tar);
  writeSync(fd, bytes, 0, bytes.length, offset);
  return { blob: { fd, offset, size: bytes.length, diffId }, subject: 'a layer' };
}

function digestOf(bytes: Buffer): DiffId {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as DiffId;
}
