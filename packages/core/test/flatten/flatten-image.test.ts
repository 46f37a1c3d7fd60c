import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dockerArchive } from '../../../../test/support/images/docker-archive.ts';
import { layer } from '../../../../test/support/images/layer.ts';
import { ociArchive } from '../../../../test/support/images/oci-layout.ts';
import type { LayerSpec } from '../../../../test/support/images/test-image.ts';
import { compressionOf } from '../../src/compress/compression.ts';
import { flattenImage } from '../../src/flatten/flatten-image.ts';
import type { FlattenOutcome } from '../../src/flatten/flatten-result.ts';
import type { FlattenOptions, Sink } from '../../src/flatten/options.ts';
import { openImage } from '../../src/source/open-image.ts';
import { flatten, flattenOpened, sha256 } from './flattened.ts';

const none = { algorithm: 'none' } as const;
const large = layer().file('large', Buffer.alloc(12_000_000, 'some content '));
const small = layer().directory('d').file('d/a', 'one').whiteout('large');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-flatten-'));
});

/** Besides, nothing that the flattening opened may be left: neither file nor descriptor. */
afterEach(async () => {
  expect(readdirSync(folder).filter((name) => name.startsWith('.dimgx-'))).toEqual([]);
  await rm(folder, { recursive: true });
});

function archiveOf(layers: readonly LayerSpec[]): string {
  const path = join(folder, 'image.tar');
  writeFileSync(path, dockerArchive([{ layers, tags: ['a:1'] }], 'docker-1.10'));
  return `docker-archive:${path}`;
}

async function run(
  layers: readonly LayerSpec[],
  sink: Sink,
  options: Partial<FlattenOptions> = {},
): Promise<FlattenOutcome> {
  const image = await openImage(archiveOf(layers), { spoolFolder: folder });
  try {
    return await flattenImage(image, sink, {
      compression: none,
      spoolFolder: folder,
      signal: new AbortController().signal,
      ...options,
    });
  } finally {
    await image.close();
  }
}

/** How each thread of this process lets others go first: proc(5), /proc/[pid]/stat. */
function niceness(): number[] {
  return readdirSync('/proc/self/task').map((id) => {
    const afterName = readFileSync(`/proc/self/task/${id}/stat`, 'latin1').split(') ')[1];
    return Number(afterName?.split(' ')[16]);
  });
}

function collecting(): { sink: Sink; bytes(): Buffer } {
  const chunks: Uint8Array[] = [];
  return {
    sink: { kind: 'chunks', write: async (chunk) => void chunks.push(chunk) },
    bytes: () => Buffer.concat(chunks),
  };
}

describe('flattening an image', () => {
  test.each(['none', 'gzip', 'zstd'] as const)(
    'gives a file and a receiver the same bytes (%s)',
    async (algorithm) => {
      const compression = compressionOf(algorithm) ?? none;
      const { sink, bytes } = collecting();
      const outcome = await run([large, small, large], sink, { compression });
      const path = join(folder, 'out');
      const fd = openSync(path, 'w');
      const again = await run([large, small, large], { kind: 'file', fd }, { compression });
      closeSync(fd);
      expect(again).toEqual(outcome);
      expect(readFileSync(path).equals(bytes())).toBe(true);
      expect(outcome.tar).toMatchObject({
        size: bytes().length,
        sha256: sha256(bytes()),
        compression: algorithm,
      });
    },
  );

  test('gives a receiver the next chunk when it has taken the one before, and none after a fault', async () => {
    let taking = 0;
    const taken: number[] = [];
    const fault = new Error('the receiver is full');
    const write = async (): Promise<void> => {
      taken.push(++taking);
      await nextTurn();
      taking--;
      if (taken.length === 4) throw fault;
    };
    await expect(run([large], { kind: 'chunks', write })).rejects.toBe(fault);
    expect(taken).toEqual([1, 1, 1, 1]);
  });

  test('counts and digests what it wrote', async () => {
    const { tar } = await flatten([large, small]);
    expect(await run([large, small], collecting().sink)).toEqual({
      tar: {
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        compression: 'none',
        level: null,
        size: tar.length,
        sha256: sha256(tar),
        uncompressedSize: tar.length,
        diffId: sha256(tar),
      },
      entries: { files: 1, directories: 1, symlinks: 0, hardlinks: 0, devices: 0, removed: 1, shadowed: 0 },
    });
  });

  test('takes layers of any compression', async () => {
    const { sink, bytes } = collecting();
    const compressed = (['gzip', 'zstd', 'xz', 'bzip2', 'none'] as const).map((compression, index) => ({
      tar: layer().file(`f${index}`, compression),
      compression,
    }));
    await run(compressed, sink);
    expect(bytes().equals((await flatten(compressed.map(({ tar }) => tar))).tar)).toBe(true);
  });

  test('believes no media type', async () => {
    const tars = [layer().file('a', 'one'), layer().file('b', 'two'), layer().file('c')] as const;
    const type = 'application/vnd.oci.image.layer.v1.tar';
    const layers = [
      { tar: tars[0], compression: 'gzip', mediaType: type },
      { tar: tars[1], compression: 'zstd', mediaType: `${type}+gzip` },
      { tar: tars[2], mediaType: `${type}+zstd` },
    ] as const;
    const path = join(folder, 'oci.tar');
    writeFileSync(path, ociArchive({ layers }));
    const image = await openImage(`oci-archive:${path}`, { spoolFolder: folder });
    expect((await flattenOpened(image)).tar.equals((await flatten(tars)).tar)).toBe(true);
  });

  test('takes the layers chosen, in the order given', async () => {
    const { sink, bytes } = collecting();
    const [one, two] = [layer().file('a', 'one'), layer().file('a', 'two')];
    await run([one, two, layer().file('b')], sink, { layers: [1, 0] });
    expect(bytes().equals((await flatten([two, one])).tar)).toBe(true);
  });

  test('tells its progress, which only grows', async () => {
    const seen: number[] = [];
    const { tar } = await run([large], collecting().sink, {
      onProgress: ({ phase, bytes }) => phase === 'flatten' && seen.push(bytes),
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(Math.max(...seen)).toBeLessThanOrEqual(tar.uncompressedSize);
  });
});

test('in the background its threads let the others go first, and theirs alone', async () => {
  const seen: number[][] = [];
  const write = async () => void seen.push(niceness());
  for (const background of [false, true]) await run([small], { kind: 'chunks', write }, { background });
  const [foreground, background] = seen.map((each) => each.filter((nice) => nice > 0));
  expect(foreground).toEqual([]);
  expect(background).toEqual([10, 10]);
});

describe('options that can not be', () => {
  test.each<[string, Partial<FlattenOptions>, string]>([
    ['a level', { compression: { algorithm: 'gzip', level: 10 } }, 'gzip has no level 10'],
    ['a limit', { limits: { entries: 0 } }, 'the limit entries is a whole number from 1 to 100000000, not 0'],
    ['a pattern', { exclude: ['etc', ''] }, 'the pattern "" is empty; / is everything'],
    [
      'a bracket of a pattern',
      { include: ['etc/[ab', 'usr'] },
      'the pattern "etc/[ab" has brackets that do not pair; \\[ is the character itself',
    ],
  ])('%s', async (_what, options, message) => {
    await expect(run([small], collecting().sink, options)).rejects.toMatchObject({ code: 'USAGE', message });
  });

  test('an index of no layer', async () => {
    await expect(run([small], collecting().sink, { layers: [1] })).rejects.toMatchObject({
      code: 'LAYER_NOT_FOUND',
    });
  });
});

test('an image is flattened without any options', async () => {
  const image = await openImage(archiveOf([small]), { spoolFolder: folder });
  const { sink, bytes } = collecting();
  const { tar } = await flattenImage(image, sink);
  expect(tar).toMatchObject({ compression: 'none', level: null, diffId: sha256(bytes()) });
  await image.close();
});

describe('a damaged image', () => {
  const wrong = `sha256:${'0'.repeat(64)}`;
  const broken = small.tar();
  broken.writeUInt8(0xff, 10);

  test.each([
    { name: 'a wrong diff id', layers: [large, { tar: small, diffId: wrong }], code: 'DIGEST_MISMATCH' },
    {
      name: 'a wrong diff id of a compressed layer',
      layers: [{ tar: small, compression: 'gzip', diffId: wrong }],
      code: 'DIGEST_MISMATCH',
    },
    {
      name: 'a damaged header, where the digest says it best',
      layers: [large, { tar: broken, diffId: sha256(small.tar()) }],
      code: 'DIGEST_MISMATCH',
    },
    { name: 'a header that was never right', layers: [broken], code: 'LAYER_INVALID' },
    {
      name: 'a compressed layer that is cut off',
      layers: [{ tar: large, blob: gzipSync(large.tar()).subarray(0, 5000) }],
      code: 'COMPRESSION_INVALID',
    },
  ] as const)('with $name fails with $code', async ({ layers, code }) => {
    const failed = run(layers as readonly LayerSpec[], collecting().sink);
    await expect(failed).rejects.toMatchObject({
      code,
      message: expect.stringMatching(/^layer \d of docker-archive:/),
    });
  });
});

describe('a flattening that is stopped', () => {
  const reason = new Error('enough');

  test('by its signal before it begins', async () => {
    await expect(run([large], collecting().sink, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('by its signal while its receiver takes nothing', async () => {
    const controller = new AbortController();
    const never: Sink = {
      kind: 'chunks',
      write: () => {
        controller.abort(reason);
        return new Promise(() => {});
      },
    };
    await expect(run([large], never, { signal: controller.signal })).rejects.toBe(reason);
  });

  test("by its receiver's error", async () => {
    const failing: Sink = { kind: 'chunks', write: () => Promise.reject(reason) };
    await expect(run([large], failing)).rejects.toBe(reason);
  });

  test('by a full disk', async () => {
    const fd = openSync('/dev/full', 'w');
    await expect(run([large], { kind: 'file', fd, name: 'x.tar' })).rejects.toMatchObject({
      code: 'NO_SPACE',
      message: 'no space left for x.tar: free some, or choose another place',
    });
    closeSync(fd);
  });

  test('by a file that takes no bytes', async () => {
    const fd = openSync(join(folder, 'read-only'), 'a+');
    closeSync(fd);
    const reading = openSync(join(folder, 'read-only'), 'r');
    await expect(run([large], { kind: 'file', fd: reading })).rejects.toMatchObject({
      code: 'TARGET_UNWRITABLE',
      cause: { code: 'EBADF' },
    });
    closeSync(reading);
  });
});
