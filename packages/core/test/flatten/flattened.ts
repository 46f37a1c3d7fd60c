import { createHash } from 'node:crypto';
import { closeSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Layer } from '../../../../test/support/images/layer.ts';
import { treeOfTar } from '../../../../test/support/tree/tar-tree.ts';
import type { Node, Tree } from '../../../../test/support/tree/tree.ts';
import type { Compression } from '../../src/compress/compression.ts';
import { type EngineTask, runEngine } from '../../src/flatten/engine.ts';
import type { EngineLayer } from '../../src/flatten/engine-layer.ts';
import type { FlattenOutcome } from '../../src/flatten/flatten-result.ts';
import { defaultLimits, type Limits } from '../../src/flatten/limits.ts';
import { storedClaims, verifyClaims } from '../../src/flatten/verify.ts';
import type { DiffId } from '../../src/image/digest.ts';
import type { Image, LayerBlob } from '../../src/image/image.ts';
import { openSpoolFile } from '../../src/spool-file.ts';

export interface Choices {
  readonly compression?: Compression;
  readonly keepWhiteouts?: boolean;
  readonly dropEstargz?: boolean;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly limits?: Partial<Limits>;
}

export interface Flattened {
  readonly tar: Buffer;
  readonly outcome: FlattenOutcome;
}

/** Runs the engine in this thread over layers' tars, oldest first. */
export async function flatten(
  layers: readonly (Layer | Buffer)[],
  choices: Choices = {},
): Promise<Flattened> {
  const opened: number[] = [];
  try {
    return await run(
      layers.map((layer, index) => ({ blob: openedBlob(layer, opened), subject: `layer ${index}` })),
      choices,
    );
  } finally {
    for (const fd of opened) closeSync(fd);
  }
}

function openedBlob(layer: Layer | Buffer, opened: number[]): LayerBlob {
  const bytes = Buffer.isBuffer(layer) ? layer : layer.tar();
  const fd = openSpoolFile(tmpdir());
  opened.push(fd);
  if (bytes.length > 0) writeSync(fd, bytes);
  return { fd, offset: 0, size: bytes.length, diffId: sha256(bytes) as DiffId };
}

/** All that flattening an image does, in this thread; its digests first. Closes the image. */
export async function flattenOpened(image: Image): Promise<Flattened> {
  try {
    const layers = image.blobs.map((blob, index) => ({ blob, subject: `layer ${index}` }));
    verifyClaims(storedClaims(layers), () => {});
    return await run(layers, {});
  } finally {
    await image.close();
  }
}

async function run(layers: readonly EngineLayer[], choices: Choices): Promise<Flattened> {
  const chunks: Buffer[] = [];
  const task: EngineTask = {
    layers,
    compression: choices.compression ?? { algorithm: 'none' },
    keepWhiteouts: choices.keepWhiteouts ?? false,
    filter: { include: choices.include, exclude: choices.exclude, dropEstargz: choices.dropEstargz },
    limits: { ...defaultLimits, ...choices.limits },
    spoolFolder: tmpdir(),
    lanes: 2,
  };
  const outcome = await runEngine(task, {
    sink: {
      write: async (bytes) => {
        chunks.push(Buffer.from(bytes));
      },
    },
    check: () => {},
    progress: () => {},
  });
  return { tar: Buffer.concat(chunks), outcome };
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/**
 * A tree in one line a path, in byte order: `d/`, `a: content`, `l -> target`, `c char 1:3`, `p fifo`. Of a group of
 * hard links the first name has the content, the others `h == a`. The tar's oddities come first.
 */
export async function listing(tar: Buffer, contents: readonly string[]): Promise<string[]> {
  const tree = await treeOfTar(tar);
  const known = new Map(contents.map((content) => [sha256(content).slice('sha256:'.length), content]));
  const seen = new Map<Node, string>();
  const lines = tree.problems.map((problem) => `PROBLEM ${problem}`);
  for (const path of tree.paths()) lines.push(line(tree, path, known, seen));
  return lines.filter((text) => text !== '');
}

function line(tree: Tree, path: string, known: Map<string, string>, seen: Map<Node, string>): string {
  const node = tree.get(path);
  if (node === undefined || path === '') return '';
  const first = seen.get(node);
  if (first !== undefined) return `${path} == ${first}`;
  seen.set(node, path);
  switch (node.type) {
    case 'directory':
      return `${path}/`;
    case 'file':
      return `${path}: ${known.get(node.sha256 ?? '') ?? `${node.size} bytes`}`;
    case 'symlink':
      return `${path} -> ${node.link}`;
    case 'char':
    case 'block':
      return `${path} ${node.type} ${node.device}`;
    default:
      return `${path} ${node.type}`;
  }
}
