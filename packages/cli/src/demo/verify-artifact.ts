import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { type Extract, extract, type Header } from 'tar-stream';
import { FileTree, type Inode, treeDifferences } from './file-tree.ts';

const blockSize = 1024 * 1024;
const shownNames = 8;
const shownDifferences = 5;

/** What the service says of the artifact. */
export interface Claims {
  readonly size: number;
  readonly sha256: string;
  readonly diffId: string;
  readonly uncompressedSize: number;
}

export interface Verdict {
  /** What does not hold, one line each; none if the artifact is what it should be. */
  readonly faults: readonly string[];
  /** As `tar -t` begins. */
  readonly firstNames: readonly string[];
  readonly names: number;
}

/**
 * Reads a zstd artifact without the engine that wrote it: its size and digests against what the service claims,
 * and its tree, where it is known what that must be.
 */
export async function verifyArtifact(
  file: string,
  claims: Claims,
  expected: FileTree | undefined,
  signal: AbortSignal,
): Promise<Verdict> {
  const tar = createHash('sha256');
  const tree = new FileTree();
  const firstNames: string[] = [];
  let uncompressedSize = 0;
  const counted = async function* (content: AsyncIterable<Buffer>) {
    for await (const chunk of content) {
      tar.update(chunk);
      uncompressedSize += chunk.length;
      yield chunk;
    }
  };
  const reader = extract();
  const [twice] = await Promise.all([
    readEntries(reader, tree, firstNames),
    pipeline(unpacked(file), counted, reader, { signal }),
  ]);

  const { size, sha256 } = await fileDigest(file, signal);
  const faults = [
    ...difference('size', claims.size, size),
    ...difference('sha256', claims.sha256, sha256),
    ...difference('diffId', claims.diffId, `sha256:${tar.digest('hex')}`),
    ...difference('uncompressedSize', claims.uncompressedSize, uncompressedSize),
    ...twice.map((path) => `${path} is there twice`),
    ...(expected === undefined ? [] : treeFaults(expected, tree)),
  ];
  return { faults, firstNames, names: tree.size };
}

/** Node's decompressor ends with a frame; the artifact has many. */
async function* unpacked(file: string): AsyncGenerator<Buffer> {
  const { size } = await stat(file);
  for (let start = 0; start < size; ) {
    const frame = createZstdDecompress({ chunkSize: blockSize });
    const input = createReadStream(file, { start, highWaterMark: blockSize });
    input.once('error', (error) => frame.destroy(error));
    yield* input.pipe(frame);
    input.destroy();
    start += frame.bytesWritten;
  }
}

/** Fills the tree; gives the paths that came more than once. */
async function readEntries(reader: Extract, tree: FileTree, firstNames: string[]): Promise<string[]> {
  const twice: string[] = [];
  for await (const entry of reader) {
    const { name, type, linkname } = entry.header;
    if (firstNames.length < shownNames) firstNames.push(name);
    const path = name.replace(/^\.?\/+/, '').replace(/\/+$/, '');
    const content = createHash('sha256');
    for await (const chunk of entry as AsyncIterable<Buffer>) content.update(chunk);
    if (path === '' || path === '.') continue;
    if (tree.at(path) !== undefined) twice.push(path);
    const target = type === 'link' ? tree.at(linkname) : undefined;
    tree.put(path, target ?? inodeOf(entry.header, content));
  }
  return twice;
}

function inodeOf({ type, mode, mtime, uid, gid, size, linkname }: Header, content: Hash): Inode {
  const shared = { mode: mode & 0o7777, mtime: mtime.getTime() / 1000, owner: `${uid}:${gid}` };
  if (type === 'directory') return { kind: 'directory', ...shared };
  if (type === 'symlink') return { kind: 'symlink', ...shared, linkTarget: linkname };
  if (type === 'file') return { kind: 'file', ...shared, size, sha256: content.digest('hex') };
  // A link whose target did not come before it, or something that has no place in the demo's image.
  return { kind: 'other', ...shared, linkTarget: linkname };
}

async function fileDigest(file: string, signal: AbortSignal): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: blockSize, signal })) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: `sha256:${hash.digest('hex')}` };
}

function difference(name: string, claimed: string | number, found: string | number): string[] {
  return claimed === found ? [] : [`${name} is ${found}, the service says ${claimed}`];
}

function treeFaults(expected: FileTree, actual: FileTree): string[] {
  const differences = treeDifferences(expected, actual);
  const more = differences.length - shownDifferences;
  const shown = differences.slice(0, shownDifferences);
  return more > 0 ? [...shown, `and ${more} more differences`] : shown;
}
