import { randomInt } from 'node:crypto';
import { withRoom } from './growable.ts';
import { type Inodes, Kind } from './inodes.ts';

export const ROOT = 0;
const NONE = -1;
const EMPTY = 0;
const DELETED = -1;

const OPAQUE = 1;
const ANEW = 2;

/**
 * Names to inodes: a node for each path, found by (parent, name bytes) in an open-addressing table. Names live in
 * one pool of bytes, never as strings, so that any bytes are kept and memory stays below 100 bytes a node.
 *
 * A node that is removed never comes back: its number stays unused, so an old number can be asked whether it lives.
 */
export class Tree {
  readonly #inodes: Inodes;
  #count = 0;
  #parent = new Int32Array(1024);
  #firstChild = new Int32Array(1024);
  #next = new Int32Array(1024);
  /** Of a directory's first child, its last one. */
  #previous = new Int32Array(1024);
  #nameStart = new Uint32Array(1024);
  #nameLength = new Uint16Array(1024);
  #inode = new Int32Array(1024);
  #given = new Uint32Array(1024);
  #flags = new Uint8Array(1024);
  #pool = Buffer.alloc(16 * 1024);
  #poolUsed = 0;
  #table = new Int32Array(4096);
  #tableUsed = 0;
  /** Names are the image's to choose: an unknown seed keeps it from choosing ones that collide. */
  readonly #seed = randomInt(0x7fffffff);

  /** `root` is the inode of the root directory. */
  constructor(inodes: Inodes, root: number) {
    this.#inodes = inodes;
    this.#append(NONE, Buffer.alloc(0), root, 0);
  }

  /** Nodes ever made; living ones are told by `isAlive`. */
  get count(): number {
    return this.#count;
  }

  /** Bytes that the names of all nodes take. */
  get nameBytes(): number {
    return this.#poolUsed;
  }

  inode(node: number): number {
    return this.#inode[node];
  }

  parent(node: number): number {
    return this.#parent[node];
  }

  isAlive(node: number): boolean {
    return this.#inode[node] !== NONE;
  }

  isDirectory(node: number): boolean {
    return this.isAlive(node) && this.#inodes.kind(this.#inode[node]) === Kind.directory;
  }

  /** The entry that gave the name last, counted over all layers. */
  given(node: number): number {
    return this.#given[node];
  }

  setGiven(node: number, entry: number): void {
    this.#given[node] = entry;
  }

  /** Children are in the order in which they got their names; -1 if there is none. */
  firstChild(node: number): number {
    return this.#firstChild[node];
  }

  /** The next child of the same parent, or -1. */
  nextSibling(node: number): number {
    return this.#next[node];
  }

  /** The directory hides what lies below the chosen layers. */
  isOpaque(node: number): boolean {
    return (this.#flags[node] & OPAQUE) !== 0;
  }

  setOpaque(node: number): void {
    this.#flags[node] |= OPAQUE;
  }

  /** The directory stands where none was, so it takes nothing of one below the chosen layers, nor its metadata. */
  isAnew(node: number): boolean {
    return (this.#flags[node] & ANEW) !== 0;
  }

  setAnew(node: number): void {
    this.#flags[node] |= OPAQUE | ANEW;
  }

  /** A view of the name; valid until the next node is added. */
  name(node: number): Buffer {
    const start = this.#nameStart[node];
    return this.#pool.subarray(start, start + this.#nameLength[node]);
  }

  /** The path from the root, without a leading slash; empty for the root. A copy. */
  path(node: number): Buffer {
    let length = 0;
    for (let at = node; at !== ROOT; at = this.#parent[at]) length += this.#nameLength[at] + 1;
    if (length === 0) return Buffer.alloc(0);
    const path = Buffer.alloc(length - 1, '/');
    let end = path.length;
    for (let at = node; at !== ROOT; at = this.#parent[at]) {
      const start = this.#nameStart[at];
      end -= this.#nameLength[at];
      this.#pool.copy(path, end, start, start + this.#nameLength[at]);
      end--;
    }
    return path;
  }

  /** The node of `bytes[start..end]` in a directory, or -1. */
  find(parent: number, bytes: Buffer, start: number, end: number): number {
    const mask = this.#table.length - 1;
    for (let slot = this.#hash(parent, bytes, start, end) & mask; ; slot = (slot + 1) & mask) {
      const held = this.#table[slot];
      if (held === EMPTY) return NONE;
      if (held !== DELETED && this.#isNamed(held - 1, parent, bytes, start, end)) return held - 1;
    }
  }

  /** A new name in a directory that has none like it. */
  add(parent: number, name: Buffer, inode: number, entry: number): number {
    const node = this.#append(parent, name, inode, entry);
    const first = this.#firstChild[parent];
    if (first === NONE) {
      this.#firstChild[parent] = node;
      this.#previous[node] = node;
    } else {
      const last = this.#previous[first];
      this.#next[last] = node;
      this.#previous[node] = last;
      this.#previous[first] = node;
    }
    this.#insert(node);
    return node;
  }

  /** The name now stands for another inode; children stay. */
  setInode(node: number, inode: number, entry: number): void {
    this.#inode[node] = inode;
    this.#given[node] = entry;
  }

  clearFlags(node: number): void {
    this.#flags[node] = 0;
  }

  /** Removes the node and all below it; returns how many names went. */
  remove(node: number): number {
    const removed = this.removeChildren(node) + 1;
    this.#unlink(node);
    return removed;
  }

  removeChildren(node: number): number {
    let removed = 0;
    let child = this.#firstChild[node];
    while (child !== NONE) {
      const next = this.#next[child];
      removed += this.remove(child);
      child = next;
    }
    return removed;
  }

  #unlink(node: number): void {
    const previous = this.#previous[node];
    const next = this.#next[node];
    const first = this.#firstChild[this.#parent[node]];
    if (first === node) this.#firstChild[this.#parent[node]] = next;
    else this.#next[previous] = next;
    if (next !== NONE) this.#previous[next] = previous;
    else if (first !== node) this.#previous[first] = previous;
    this.#table[this.#slotOf(node)] = DELETED;
    this.#inode[node] = NONE;
  }

  #append(parent: number, name: Buffer, inode: number, entry: number): number {
    const node = this.#count++;
    this.#parent = withRoom(this.#parent, node);
    this.#firstChild = withRoom(this.#firstChild, node);
    this.#next = withRoom(this.#next, node);
    this.#previous = withRoom(this.#previous, node);
    this.#nameStart = withRoom(this.#nameStart, node);
    this.#nameLength = withRoom(this.#nameLength, node);
    this.#inode = withRoom(this.#inode, node);
    this.#given = withRoom(this.#given, node);
    this.#flags = withRoom(this.#flags, node);
    this.#parent[node] = parent;
    this.#firstChild[node] = NONE;
    this.#next[node] = NONE;
    this.#previous[node] = NONE;
    this.#nameStart[node] = this.#keepName(name);
    this.#nameLength[node] = name.length;
    this.#inode[node] = inode;
    this.#given[node] = entry;
    return node;
  }

  #keepName(name: Buffer): number {
    const start = this.#poolUsed;
    if (start + name.length > this.#pool.length) {
      const grown = Buffer.alloc(Math.max(this.#pool.length * 2, start + name.length));
      this.#pool.copy(grown, 0, 0, start);
      this.#pool = grown;
    }
    name.copy(this.#pool, start);
    this.#poolUsed += name.length;
    return start;
  }

  /** FNV-1a over the name, started from parent and seed. */
  #hash(parent: number, bytes: Buffer, start: number, end: number): number {
    let hash = Math.imul(parent ^ this.#seed, 0x9e3779b1) ^ 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    return (hash ^ (hash >>> 15)) >>> 0;
  }

  #isNamed(node: number, parent: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.#parent[node] !== parent || this.#nameLength[node] !== end - start) return false;
    const offset = this.#nameStart[node] - start;
    for (let i = start; i < end; i++) if (this.#pool[offset + i] !== bytes[i]) return false;
    return true;
  }

  #insert(node: number): void {
    if (this.#tableUsed * 2 >= this.#table.length) this.#rehash();
    const mask = this.#table.length - 1;
    let slot = this.#hashOf(node) & mask;
    while (this.#table[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.#table[slot] = node + 1;
    this.#tableUsed++;
  }

  #slotOf(node: number): number {
    const mask = this.#table.length - 1;
    let slot = this.#hashOf(node) & mask;
    while (this.#table[slot] !== node + 1) slot = (slot + 1) & mask;
    return slot;
  }

  #hashOf(node: number): number {
    const start = this.#nameStart[node];
    return this.#hash(this.#parent[node], this.#pool, start, start + this.#nameLength[node]);
  }

  /** Drops the marks of deleted nodes, and doubles the table when the living ones need it. */
  #rehash(): void {
    const living = this.#table.reduce((count, held) => (held > 0 ? count + 1 : count), 0);
    const old = this.#table;
    this.#table = new Int32Array(living * 4 > old.length ? old.length * 2 : old.length);
    this.#tableUsed = 0;
    const mask = this.#table.length - 1;
    for (const held of old) {
      if (held <= 0) continue;
      let slot = this.#hashOf(held - 1) & mask;
      while (this.#table[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#table[slot] = held;
      this.#tableUsed++;
    }
  }
}
