import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type BigIntStats, createReadStream } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Node, type NodeType, shown, Tree } from './tree.ts';

/** The tree below a folder, as it lies there; only root can read all of one. */
export async function treeOfFolder(folder: string): Promise<Tree> {
  const tree = new Tree();
  const walk = new FolderWalk(folder, tree, await xattrsBelow(folder));
  await walk.visit('');
  return tree;
}

class FolderWalk {
  readonly #root: Buffer;
  readonly #tree: Tree;
  readonly #xattrs: ReadonlyMap<string, Record<string, string>>;
  /** Nodes with several names, by device and inode. */
  readonly #linked = new Map<string, Node>();

  constructor(folder: string, tree: Tree, xattrs: ReadonlyMap<string, Record<string, string>>) {
    this.#root = Buffer.from(folder);
    this.#tree = tree;
    this.#xattrs = xattrs;
  }

  async visit(path: string): Promise<void> {
    const place = path === '' ? this.#root : Buffer.concat([this.#root, Buffer.from(`/${path}`, 'latin1')]);
    const stats = await lstat(place, { bigint: true });
    if (stats.isDirectory()) {
      this.#tree.put(path, this.#node(path, stats, {}));
      for (const name of (await readdir(place, { encoding: 'buffer' })).sort(Buffer.compare)) {
        const text = name.toString('latin1');
        await this.visit(path === '' ? text : `${path}/${text}`);
      }
      return;
    }
    const key = `${stats.dev}:${stats.ino}`;
    const node = this.#linked.get(key) ?? this.#node(path, stats, await contentOf(place, stats));
    if (stats.nlink > 1n) this.#linked.set(key, node);
    this.#tree.put(path, node);
  }

  #node(path: string, stats: BigIntStats, content: Partial<Node>): Node {
    return {
      type: typeOf(path, stats),
      mode: Number(stats.mode) & 0o7777,
      uid: Number(stats.uid),
      gid: Number(stats.gid),
      mtime: stats.mtimeNs,
      xattrs: this.#xattrs.get(path) ?? {},
      ...content,
    };
  }
}

function typeOf(path: string, stats: BigIntStats): NodeType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isCharacterDevice()) return 'char';
  if (stats.isBlockDevice()) return 'block';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  throw new Error(`unknown type of file: ${shown(path)}`);
}

async function contentOf(place: Buffer, stats: BigIntStats): Promise<Partial<Node>> {
  if (stats.isSymbolicLink())
    return { link: (await readlink(place, { encoding: 'buffer' })).toString('latin1') };
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return { device: deviceNumbers(stats.rdev) };
  if (!stats.isFile()) return {};
  const hash = createHash('sha256');
  for await (const piece of createReadStream(place)) hash.update(piece);
  return { size: Number(stats.size), sha256: hash.digest('hex') };
}

/** As the C library's `gnu_dev_major` and `gnu_dev_minor` take the number apart. */
function deviceNumbers(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

/** Node has no call for extended attributes; Python's standard library has. One line each: path, name, value. */
const listXattrs = `
import os, sys
root = os.fsencode(sys.argv[1])
def show(place):
    for name in os.listxattr(place, follow_symlinks=False):
        value = os.getxattr(place, name, follow_symlinks=False)
        print(place[len(root) + 1:].hex(), name, value.hex(), sep='\\t')
show(root)
for folder, folders, files in os.walk(root):
    for name in folders + files:
        show(os.path.join(folder, name))
`;

async function xattrsBelow(folder: string): Promise<Map<string, Record<string, string>>> {
  const python = promisify(execFile)('/usr/bin/python3', ['-c', listXattrs, folder], { maxBuffer: 1 << 28 });
  const xattrs = new Map<string, Record<string, string>>();
  for (const line of (await python).stdout.split('\n').filter((text) => text !== '')) {
    const [path = '', name = '', value = ''] = line.split('\t');
    const key = Buffer.from(path, 'hex').toString('latin1');
    xattrs.set(key, { ...xattrs.get(key), [name]: value });
  }
  return xattrs;
}
