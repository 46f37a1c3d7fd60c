import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import type { LayerSpec } from '../../../../test/support/images/test-image.ts';
import type { Progress } from '../../src/flatten/progress.ts';
import { layerUsage, type UsageOptions } from '../../src/inspect/layer-usage.ts';
import { openImage } from '../../src/source/open-image.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-usage-'));
});

/** Nothing that the work opened may be left. */
afterEach(async () => {
  expect(readdirSync(folder).filter((name) => name !== 'image.tar')).toEqual([]);
  await rm(folder, { recursive: true });
});

async function measured(layers: readonly LayerSpec[], options: Partial<UsageOptions> = {}) {
  const path = join(folder, 'image.tar');
  await writeFile(path, dockerArchive({ layers }, 'docker-25'));
  const image = await openImage(`docker-archive:${path}`, { spoolFolder: folder });
  try {
    const signal = new AbortController().signal;
    return await layerUsage(image, { spoolFolder: folder, signal, ...options });
  } finally {
    await image.close();
  }
}

const lower = layer().file('a', 'aaa').file('b', 'bb');
const upper = layer().whiteout('a').file('b', 'b');
const large = {
  tar: layer().file('large', Buffer.alloc(4_000_000, 'content ')),
  compression: 'gzip',
} as const;

test('layers of any compression are read, oldest first', async () => {
  const usage = await measured([lower, { tar: upper, compression: 'zstd' }]);
  expect(usage).toEqual([
    { added: 2, changed: 0, removed: 0, wastedBytes: 5, uncompressedSize: lower.tar().length },
    { added: 0, changed: 1, removed: 1, wastedBytes: 0, uncompressedSize: upper.tar().length },
  ]);
});

test('only the layers chosen are read, in their order', async () => {
  const broken = Buffer.alloc(1024, 'x');
  const usage = await measured([lower, broken, upper], { layers: [2, 0] });
  expect(usage).toMatchObject([
    { added: 1, wastedBytes: 1 },
    { added: 1, changed: 1, wastedBytes: 0 },
  ]);
  await expect(measured([lower], { layers: [1] })).rejects.toMatchObject({ code: 'LAYER_NOT_FOUND' });
});

test('it tells how far it is', async () => {
  const told: Progress[] = [];
  await measured([large], { onProgress: (progress) => told.push(progress) });
  expect(told[0]).toMatchObject({ phase: 'plan', bytes: expect.any(Number) });
});

test.each([
  [
    'a compressed layer that is not what the image says',
    { ...large, diffId: `sha256:${'0'.repeat(64)}` },
    'DIGEST_MISMATCH',
  ],
  ['a layer that is no tar', Buffer.alloc(1024, 'x'), 'LAYER_INVALID'],
  ['a layer that is cut off', layer().file('a', 'x'.repeat(5000)).tar().subarray(0, 2048), 'LAYER_TRUNCATED'],
])('%s is named', async (_, spec, code) => {
  await expect(measured([lower, spec])).rejects.toMatchObject({
    code,
    message: expect.stringMatching(/^layer 1 of docker-archive:/),
  });
});

test('a limit holds', async () => {
  await expect(measured([lower], { limits: { entries: 1 } })).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
  });
});

test('an abort ends it', async () => {
  const controller = new AbortController();
  const attempt = measured([large, large, large, large], {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  });
  await expect(attempt).rejects.toThrow('enough');
  const before = measured([lower], { signal: AbortSignal.abort(new Error('already')) });
  await expect(before).rejects.toThrow('already');
});
