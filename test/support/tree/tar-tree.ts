import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { decompressed } from './decompressed.ts';
import { type TarMember, tarMembers } from './tar-reader.ts';
import { type Node, type NodeType, parentOf, shown, Tree } from './tree.ts';

/** The tree that extracting this tar gives, and what is odd about the tar. Gzip, zstd, xz and bzip2 are undone. */
export async function treeOfTar(tar: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<Tree> {
  const tree = new Tree();
  let last = '';
  for await (const member of tarMembers(decompressed(sourceOf(tar)))) {
    const path = cleaned(tree, member.name);
    if (comesBack(tree, last, path)) tree.problems.push(`in a directory that was left: ${shown(path)}`);
    last = path;
    await addMember(tree, path, member);
  }
  return tree;
}

/** Whether others stand between its directory, with what else is in that, and it. GNU tar has finished it by then. */
function comesBack(tree: Tree, last: string, path: string): boolean {
  const parent = parentOf(path) ?? '';
  const isThere = parent !== '' && tree.get(parent) !== undefined;
  return isThere && last !== parent && !last.startsWith(`${parent}/`);
}

function sourceOf(tar: string | Uint8Array | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (typeof tar === 'string') return createReadStream(tar);
  if (!(tar instanceof Uint8Array)) return tar;
  return (async function* () {
    yield tar;
  })();
}

async function addMember(tree: Tree, path: string, member: TarMember): Promise<void> {
  addParents(tree, path);
  const old = tree.get(path);
  if (old !== undefined && old.implied !== true) tree.problems.push(`twice: ${shown(path)}`);
  if (member.type === '1') return addLink(tree, path, member);
  const node = await nodeOf(member);
  if (node === undefined) tree.problems.push(`unknown type ${member.type}: ${shown(path)}`);
  else tree.put(path, node);
}

/** Extractors differ in what they do with such names, so a good tar has none. */
function cleaned(tree: Tree, name: string): string {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  const path = parts.join('/');
  const plain = path === '' ? ['./', '.'] : [path, `${path}/`, `./${path}`, `./${path}/`];
  if (!plain.includes(name)) tree.problems.push(`odd name: ${shown(name)}`);
  return path;
}

function addParents(tree: Tree, path: string): void {
  const parent = parentOf(path);
  if (parent === undefined) return;
  const node = tree.get(parent);
  if (node?.type === 'directory') return;
  addParents(tree, parent);
  if (node !== undefined) tree.problems.push(`below a ${node.type}: ${shown(path)}`);
  else if (parent !== '') tree.problems.push(`before its directory: ${shown(path)}`);
  tree.put(parent, { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0n, xattrs: {}, implied: true });
}

function addLink(tree: Tree, path: string, member: TarMember): void {
  const target = cleaned(tree, member.link);
  const node = tree.get(target);
  if (node === undefined || node.type === 'directory') {
    tree.problems.push(`hard link to what is not there: ${shown(path)} to ${shown(target)}`);
    tree.put(path, { type: 'broken', mode: 0, uid: 0, gid: 0, mtime: 0n, xattrs: {}, link: target });
  } else if (target === path) {
    tree.problems.push(`hard link to itself: ${shown(path)}`);
  } else {
    tree.put(path, node);
  }
}

const types: Readonly<Record<string, NodeType>> = {
  '0': 'file',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
};

async function nodeOf(member: TarMember): Promise<Node | undefined> {
  const type = types[member.type];
  if (type === undefined) return undefined;
  const { mode, uid, gid, mtime, xattrs, link, device } = member;
  const common = { type, mode, uid, gid, mtime, xattrs };
  if (type === 'symlink') return { ...common, link };
  if (type === 'char' || type === 'block') return { ...common, device };
  if (type !== 'file') return common;
  const hash = createHash('sha256');
  let size = 0;
  for await (const piece of member.content()) {
    hash.update(piece);
    size += piece.length;
  }
  if (size !== member.size) throw new Error(`the tar ends within ${shown(member.name)}`);
  return { ...common, size, sha256: hash.digest('hex') };
}
