import { withRoom } from '../flatten/growable.ts';
import type { Inodes } from '../flatten/inodes.ts';
import { ROOT, Tree } from '../flatten/tree.ts';
import { isAufsMetadata } from '../flatten/whiteout.ts';

const NONE = -1;
/** Layers are noted by their number from 1; 0 is none. */
const NO_LAYER = 0;
/** What `#livingAt` found is noted from 1: 0 is not known yet, 1 no node. */
const UNKNOWN = 0;
const HEIRS_FROM = 2;

/** What a layer does to the paths below it; those of one layer are all different. */
export interface PathCounts {
  /** Paths that were not there before. */
  added: number;
  /** Paths that were there, and that the layer gives anew. */
  changed: number;
  /** Paths that were there before and are not behind it. */
  removed: number;
}

/**
 * A tree that counts what each layer does to its paths. What counts is the tree before a layer and behind it: a path
 * that is taken away and given again by one layer is a changed one, or none if it is the same file as before. The root
 * is always there, and AUFS's own files never.
 */
export class UsageTree extends Tree {
  readonly #counted: PathCounts[] = [];
  #layer = NO_LAYER;
  #born = new Uint16Array(1024);
  /** The last layer that gave the node another inode, and the inode that the node had before the layer. */
  #changed = new Uint16Array(1024);
  #before = new Int32Array(1024);
  #uncounted = new Uint8Array(1024);
  /** Nodes of lower layers that the layer at work took away. */
  #gone = new Int32Array(1024);
  #goneCount = 0;
  /** For nodes that are gone, the node that has their path now. */
  #heirs = new Int32Array(1024);

  /** To be called before each layer is applied. */
  beginLayer(): void {
    this.#settle();
    this.#layer++;
    this.#counted.push({ added: 0, changed: 0, removed: 0 });
  }

  /** The counts of the layers that were begun, in that order. */
  counted(): readonly PathCounts[] {
    this.#settle();
    return this.#counted;
  }

  override add(parent: number, name: Buffer, inode: number, layer: number): number {
    const node = super.add(parent, name, inode, layer);
    this.#born = withRoom(this.#born, node);
    this.#changed = withRoom(this.#changed, node);
    this.#before = withRoom(this.#before, node);
    this.#uncounted = withRoom(this.#uncounted, node);
    this.#born[node] = this.#layer;
    const uncounted = parent === ROOT ? isAufsMetadata(name) : this.#uncounted[parent] === 1;
    if (uncounted) this.#uncounted[node] = 1;
    else this.#now.added++;
    return node;
  }

  override setInode(node: number, inode: number, layer: number): void {
    if (this.#counts(node) && this.#born[node] !== this.#layer) this.#change(node, inode);
    super.setInode(node, inode, layer);
  }

  /** The tree calls it for each node below, too. */
  override remove(node: number): number {
    if (this.#counts(node)) {
      if (this.#born[node] === this.#layer) this.#now.added--;
      else this.#goes(node);
    }
    return super.remove(node);
  }

  #change(node: number, inode: number): void {
    const changed = this.#changed[node] === this.#layer;
    if (!changed) this.#before[node] = this.inode(node);
    const changes = inode !== this.#before[node];
    if (changes === changed) return;
    this.#changed[node] = changes ? this.#layer : NO_LAYER;
    this.#now.changed += changes ? 1 : -1;
  }

  #goes(node: number): void {
    if (this.#changed[node] === this.#layer) this.#now.changed--;
    else this.#before[node] = this.inode(node);
    this.#gone = withRoom(this.#gone, this.#goneCount);
    this.#gone[this.#goneCount++] = node;
  }

  get #now(): PathCounts {
    return this.#counted[this.#layer - 1];
  }

  /** Completes the counts of the layer at work: what has gone was removed, unless another node has its path now. */
  #settle(): void {
    for (let at = 0; at < this.#goneCount; at++) {
      const heir = this.#livingAt(this.#gone[at]);
      if (heir === NONE) {
        this.#now.removed++;
        continue;
      }
      this.#now.added--;
      if (this.inode(heir) !== this.#before[this.#gone[at]]) this.#now.changed++;
    }
    this.#goneCount = 0;
  }

  #counts(node: number): boolean {
    return node !== ROOT && this.#uncounted[node] === 0;
  }

  /** The node that has the path of a node now, or -1. */
  #livingAt(node: number): number {
    if (this.isAlive(node)) return node;
    this.#heirs = withRoom(this.#heirs, node);
    if (this.#heirs[node] !== UNKNOWN) return this.#heirs[node] - HEIRS_FROM;
    const parent = this.#livingAt(this.parent(node));
    const name = this.name(node);
    const heir = parent === NONE ? NONE : this.find(parent, name, 0, name.length);
    this.#heirs[node] = heir + HEIRS_FROM;
    return heir;
  }
}

/**
 * Bytes of files, for each layer, that no path of the tree leads to: later entries replaced them or took them away.
 * A file keeps its bytes as long as one of its hard links lives.
 */
export function wastedBytes(tree: Tree, inodes: Inodes, layers: number): number[] {
  const wasted = new Array<number>(layers).fill(0);
  const used = new Uint8Array(inodes.count);
  for (let node = 0; node < tree.count; node++) if (tree.isAlive(node)) used[tree.inode(node)] = 1;
  for (let inode = 0; inode < inodes.count; inode++) {
    if (used[inode] === 0 && !inodes.isImplied(inode))
      wasted[inodes.layer(inode)] += inodes.blocks(inode).size;
  }
  return wasted;
}
