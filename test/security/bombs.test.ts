import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { commandLine } from '../support/command/dimgx.ts';
import { archiveOf, json } from '../support/images/archive-files.ts';
import { dockerArchive } from '../support/images/docker-archive.ts';
import { layer } from '../support/images/layer.ts';
import { extendedHeader, headerBlock } from '../support/images/tar-entry.ts';
import { type LayerSpec, sha256 } from '../support/images/test-image.ts';
import { watchForLeaks } from '../support/leak-check.ts';
import { needs } from '../support/parts/needs.ts';

const { own } = watchForLeaks();
const MIB = 2 ** 20;
/** Node alone takes a hundred, and does not collect before it must. */
const MOST_MEMORY = 600 * MIB;
/** Of the processors' time, which says more than the clock on a busy machine. Without its bound a bomb takes twice that. */
const MOST_SECONDS = 5;
let count = 0;
let folder: string;

beforeEach(() => {
  folder = join(own, String(count++));
  mkdirSync(folder);
});

/** Runs the rest of the command line with few open files, then tells on a line of its own what memory and time it took. */
const measured = `
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))
code = subprocess.call(sys.argv[1:])
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_maxrss, usage.ru_utime + usage.ru_stime, file=sys.stderr)
sys.exit(code)
`;

interface Run {
  readonly code: number | null;
  readonly fault: string;
  /** Of the process, at its highest. */
  readonly memory: number;
  /** That processors worked for it. */
  readonly seconds: number;
}

async function flattened(image: string, ...args: string[]): Promise<Run> {
  const words = commandLine(['flatten', `docker-archive:${image}`, '-t', join(folder, 'flat.tar'), ...args]);
  const child = spawn('/usr/bin/python3', ['-c', measured, ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const [code] = await once(child, 'close');
  const lines = errors.trimEnd().split('\n');
  const [kib, seconds] = (lines.at(-1) ?? '').split(' ').map(Number);
  return { code, fault: lines.slice(0, -1).join('\n'), memory: kib * 1024, seconds };
}

function imageOf(...layers: LayerSpec[]): string {
  const path = join(folder, 'image.tar');
  writeFileSync(path, dockerArchive({ layers, tags: ['a:1'] }, 'docker-25'));
  return path;
}

/** An image of one compressed layer; a diff id that is a lie is for those that nobody unpacks to the end. */
function imageOfBlob(blob: Buffer, diffId = sha256('')): string {
  const path = join(folder, 'image.tar');
  const config = json({ rootfs: { type: 'layers', diff_ids: [diffId] } });
  const manifest = json([{ Config: 'config.json', Layers: ['layer.tar'] }]);
  writeFileSync(
    path,
    archiveOf(
      new Map([
        ['config.json', config],
        ['manifest.json', manifest],
        ['layer.tar', blob],
      ]),
    ),
  );
  return path;
}

function repeated(block: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => block));
}

const refused = { code: 2, fault: expect.stringMatching(/^dimgx: LIMIT_EXCEEDED: .*limit/) };

needs('python')('an image that is after our memory, disk or time', () => {
  test('whose layer unpacks to thousands of times its size', async () => {
    const frame = zstdCompressSync(Buffer.alloc(32 * MIB));
    await expectRefused(imageOfBlob(repeated(frame, 32)));
  });

  test('whose layer says that gigabytes of PAX records follow', async () => {
    const attributes = { mode: 0o644, uid: 0, gid: 0, mtime: 0, dialect: 'gnu' } as const;
    const header = headerBlock({ ...attributes, name: 'PaxHeaders/x', type: 'x' }, 8 * 2 ** 30);
    await expectRefused(imageOf(layer().raw(header)));
  });

  test('of hundreds of thousands of entries', async () => {
    const entries = repeated(layer().file('a').tar(0), 65_536);
    const image = imageOfBlob(repeated(zstdCompressSync(entries), 4), sha256(repeated(entries, 4)));
    await expectRefused(image, '--limits', 'entries=200000,compressionRatio=1000000');
  });

  test('of more compressed layers than a process may open files', async () => {
    const layers = Array.from({ length: 300 }, (_, index) => ({
      tar: layer().file(`${index}`),
      compression: 'gzip' as const,
    }));
    await expectHarmless(imageOf(...layers));
  });

  test('of paths that imply hundreds of thousands of directories', async () => {
    const built = Array.from({ length: 1000 }, (_, index) =>
      layer()
        .file(`${index}/${'d/'.repeat(500)}f`)
        .tar(0),
    );
    await expectRefused(imageOf(layer().raw(...built)), '--limits', 'entries=300000');
  });

  test('of names of megabytes', async () => {
    const built = Array.from({ length: 2000 }, (_, index) =>
      layer()
        .file(`${index}${'n'.repeat(4000)}`)
        .tar(0),
    );
    await expectRefused(imageOf(layer().raw(...built)), '--limits', 'nameBytes=4000000');
  });

  test('of PAX records by the hundred thousand in each header', async () => {
    const records = extendedHeader('x', Buffer.from('6 a=b\n'.repeat(170_000)));
    const built = Array.from({ length: 10 }, (_, index) => [records, layer().file(`${index}`).tar(0)]).flat();
    await expectHarmless(imageOf(layer().raw(...built)));
  });

  test('of hard links that wait for each other in the worst order', async () => {
    const links = Array.from({ length: 20_000 }, (_, index) =>
      layer()
        .hardlink(`l${index}`, `l${index + 1}`)
        .tar(0),
    );
    await expectRefused(imageOf(layer().raw(...links, layer().file('l20000').tar(0))));
  });

  test('of a marker for each of thousands of files in one directory', async () => {
    const files = Array.from({ length: 30_000 }, (_, index) => layer().file(`d/${index}`).tar(0));
    const markers = repeated(layer().opaque('d').whiteout('d').tar(0), 30_000);
    await expectHarmless(imageOf(layer().raw(...files, markers)));
  });

  test('of symlinks with a thousand names each, in a row', async () => {
    const target = (next: number) => `${'d/../'.repeat(800)}l${next}`;
    const links = Array.from({ length: 30 }, (_, index) =>
      layer()
        .symlink(`l${index}`, target(index + 1))
        .tar(0),
    );
    const whiteouts = repeated(layer().whiteout('l0/x').tar(0), 4000);
    await expectHarmless(
      imageOf(
        layer()
          .directory('d')
          .raw(...links, whiteouts),
      ),
    );
  });
});

/** Refused for a limit, with little memory and time, and nothing left. */
async function expectRefused(image: string, ...args: string[]): Promise<void> {
  const run = await flattened(image, ...args);
  expect(run).toMatchObject(refused);
  expectCheap(run);
  expect(readdirSync(folder)).toEqual(['image.tar']);
}

async function expectHarmless(image: string): Promise<void> {
  const run = await flattened(image);
  expect(run).toMatchObject({ code: 0, fault: '' });
  expectCheap(run);
}

function expectCheap({ memory, seconds }: Run): void {
  expect(memory).toBeLessThan(MOST_MEMORY);
  expect(seconds).toBeLessThan(MOST_SECONDS);
}
