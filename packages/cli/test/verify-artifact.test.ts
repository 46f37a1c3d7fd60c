import { closeSync, openSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compressionOf, flattenImage, openImage } from '@dimgx/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDockerArchive } from '../src/demo/docker-archive.ts';
import { FileTree } from '../src/demo/file-tree.ts';
import { LayerWriter } from '../src/demo/layer-writer.ts';
import { type Claims, verifyArtifact } from '../src/demo/verify-artifact.ts';

const { signal } = new AbortController();

let folder: string;
let archive: string;
/** What the demo's side says must be there, and what the engine made of the image. */
let expected: FileTree;
let artifact: string;
let claims: Claims;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dimgx-verify-'));
  const source = join(folder, 'source');
  await mkdir(join(source, 'sub'), { recursive: true });
  await writeFile(join(source, 'a'), 'a');
  await writeFile(join(source, 'sub/large'), Buffer.alloc(10 * 1024 * 1024, 'large'));
  await chmod(join(source, 'a'), 0o755);
  await symlink('a', join(source, 'link'));
  expected = new FileTree();
  archive = join(folder, 'image.tar');
  const layers = [await firstLayer(source), await secondLayer()];
  await writeDockerArchive(archive, { name: 'demo:1', architecture: 'amd64', layers }, signal);
  artifact = join(folder, 'x.tar.zst');
  claims = await flattened();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function firstLayer(source: string) {
  const writer = new LayerWriter(expected, { file: join(folder, 'layer-0.tar'), createdBy: 'one' }, signal);
  await writer.folder('data', source);
  await writer.directory('gone');
  await writer.text('gone/x', 'x');
  await writer.directory('emptied');
  await writer.text('emptied/old', 'old');
  await writer.hardLink('data/same', 'data/sub/large');
  return writer.finish();
}

async function secondLayer() {
  const writer = new LayerWriter(expected, { file: join(folder, 'layer-1.tar'), createdBy: 'two' }, signal);
  await writer.remove('gone');
  await writer.emptied('emptied');
  await writer.text('emptied/new', 'new', 0o600);
  await writer.hardLink('kept', 'data/sub/large');
  await writer.remove('data/sub');
  return writer.finish();
}

async function flattened(): Promise<Claims> {
  const image = await openImage(`docker-archive:${archive}`);
  const fd = openSync(artifact, 'w');
  try {
    const compression = compressionOf('zstd') ?? { algorithm: 'zstd' };
    const { tar } = await flattenImage(
      image,
      { kind: 'file', fd },
      { compression, spoolFolder: folder, signal },
    );
    return tar;
  } finally {
    closeSync(fd);
    await image.close();
  }
}

test('the engine and the account of the assembler agree', async () => {
  const verdict = await verifyArtifact(artifact, claims, expected, signal);
  expect(verdict.faults).toEqual([]);
  expect(verdict.names).toBe(expected.size);
  expect(verdict.firstNames).toContain('data/');
  expect([...expected.lines().keys()]).toEqual([
    'data',
    'data/a',
    'data/link',
    'data/same',
    'emptied',
    'emptied/new',
    'kept',
  ]);
});

describe('it is told when', () => {
  test.each<[string, Partial<Claims>]>([
    ['the size', { size: 1 }],
    ['the digest', { sha256: `sha256:${'0'.repeat(64)}` }],
    ['the diff id', { diffId: `sha256:${'0'.repeat(64)}` }],
    ['the uncompressed size', { uncompressedSize: 1 }],
  ])('%s is another', async (_what, wrong) => {
    const [name = ''] = Object.keys(wrong);
    const { faults } = await verifyArtifact(artifact, { ...claims, ...wrong }, expected, signal);
    expect(faults).toEqual([expect.stringContaining(`${name} is `)]);
  });

  test('the tree is another', async () => {
    const other = new FileTree();
    for (const path of expected.lines().keys()) {
      const inode = expected.at(path);
      if (inode !== undefined && path !== 'kept')
        other.put(path, path === 'data/a' ? { ...inode, mode: 0o644 } : inode);
    }
    const { faults } = await verifyArtifact(artifact, claims, other, signal);
    expect(faults).toEqual([expect.stringMatching(/^data\/a is .*755/), 'kept should not be there']);
  });

  test('the file is cut off between two frames', async () => {
    const whole = await readFile(artifact);
    const cut = join(folder, 'cut.tar.zst');
    const secondFrame = whole.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 4);
    expect(secondFrame).toBeGreaterThan(0);
    await writeFile(cut, whole.subarray(0, secondFrame));
    await expect(verifyArtifact(cut, claims, expected, signal)).rejects.toThrow('Unexpected end of data');
  });
});

test('the same files make the same image', async () => {
  const archives: Buffer[] = [];
  for (const name of ['one', 'other']) {
    const writer = new LayerWriter(new FileTree(), { file: join(folder, name), createdBy: 'x' }, signal);
    await writer.folder('data', join(folder, 'source'));
    const file = join(folder, `${name}.tar`);
    await writeDockerArchive(
      file,
      { name: 'demo:1', architecture: 'amd64', layers: [await writer.finish()] },
      signal,
    );
    archives.push(await readFile(file));
  }
  expect(archives[0]?.equals(archives[1] ?? Buffer.alloc(0))).toBe(true);
});
