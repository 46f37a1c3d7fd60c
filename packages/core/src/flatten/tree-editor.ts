import { type Inodes, Kind } from './inodes.ts';
import { ROOT, type Tree } from './tree.ts';
import { isAufsMetadata, isReserved } from './whiteout.ts';

const NONE = -1;
/** Comes before the entries of all layers. */
const NOBODY = 0;

/**
 * Changes the tree in the name of one layer after another: gives names to inodes over whatever stood there, and
 * takes away what lower layers gave. Each name remembers the layer that gave it last.
 */
export class TreeEditor {
  /** Names that a whiteout or an opaque directory took away. */
  removed = 0;
  /** Names that a later entry replaced. */
  shadowed = 0;
  /** The entry at work, counted from 1 over all layers. */
  entry = 0;
  /** Hard links wait for what comes: from then on it matters which entry gave a name last. */
  linksWait = false;
  #firstOfLayer = 0;
  /** Nodes below which the layer at work has taken away all that lower ones gave. */
  readonly #emptied = new Set<number>();
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #keepWhiteouts: boolean;

  /** With `keepWhiteouts`, names that hide something below the chosen layers stay, to be put out. */
  constructor(tree: Tree, inodes: Inodes, keepWhiteouts: boolean) {
    this.#tree = tree;
    this.#inodes = inodes;
    this.#keepWhiteouts = keepWhiteouts;
  }

  /** The entries from now on are those of one layer. */
  beginLayer(): void {
    this.#firstOfLayer = this.entry + 1;
    this.#emptied.clear();
  }

  /** Whether an entry of the layer at work gave the name, or lies below it. */
  #isOwn(node: number): boolean {
    return this.#tree.given(node) >= this.#firstOfLayer;
  }

  /** Names an inode for the first time; that name is its home. */
  settle(parent: number, name: Buffer, inode: number): number {
    const node = this.name(parent, name, inode);
    this.#inodes.setHome(inode, node);
    return node;
  }

  /** Gives `name` in `parent` to an inode. Only a directory over a directory keeps what is below. */
  name(parent: number, name: Buffer, inode: number): number {
    const existing = this.#tree.find(parent, name, 0, name.length);
    if (existing === NONE) {
      const node = this.#tree.add(parent, name, inode, this.entry);
      this.#touchParents(node);
      return node;
    }
    const before = this.#inodes.kind(this.#tree.inode(existing));
    const after = this.#inodes.kind(inode);
    this.#countShadowed(this.#tree.inode(existing), before);
    if (before !== Kind.directory || after !== Kind.directory) this.#replaceKind(existing, before, after);
    this.give(existing, inode);
    return existing;
  }

  settleRoot(inode: number): void {
    this.#countShadowed(this.#tree.inode(ROOT), Kind.directory);
    this.give(ROOT, inode);
    this.#inodes.setHome(inode, ROOT);
  }

  /** A directory that no entry describes, over what stood there; -1 for a whiteout's name, which is none of the tree's. */
  imply(parent: number, name: Buffer): number {
    if (isReserved(name) && !(parent === ROOT && isAufsMetadata(name))) return NONE;
    const isNew = this.#tree.find(parent, name, 0, name.length) === NONE;
    const node = this.settle(parent, name, this.#inodes.addImplied(Kind.directory));
    if (isNew && this.#keepWhiteouts && this.#hidesBelow(parent)) this.#tree.setAnew(node);
    return node;
  }

  /** Whether nothing below the chosen layers is seen in the directory. */
  #hidesBelow(directory: number): boolean {
    let at = directory;
    while (at !== ROOT && !this.#tree.isOpaque(at)) at = this.#tree.parent(at);
    return this.#tree.isOpaque(at);
  }

  /** A directory for a kept whiteout to stand in. No entry is in it, so that a whiteout of its own takes it away. */
  implyForWhiteout(parent: number, name: Buffer): number {
    return isReserved(name) ? NONE : this.#addUngiven(parent, name, Kind.directory);
  }

  #addUngiven(parent: number, name: Buffer, kind: typeof Kind.directory | typeof Kind.whiteout): number {
    if (this.#hidesBelow(parent)) return NONE;
    const inode = this.#inodes.addImplied(kind);
    const node = this.#tree.add(parent, name, inode, NOBODY);
    this.#inodes.setHome(inode, node);
    return node;
  }

  /** The node stands for the inode now, by the entry at work. */
  give(node: number, inode: number): void {
    this.#tree.setInode(node, inode, this.entry);
    this.#touchParents(node);
  }

  /** Takes away what lower layers gave at a node and below. */
  hide(node: number): void {
    this.hideChildren(node);
    if (!this.#isOwn(node)) this.removed += this.#tree.remove(node);
  }

  /** Once is enough in a layer: what comes later is the layer's own. */
  hideChildren(node: number): void {
    if (this.#emptied.has(node)) return;
    this.#emptied.add(node);
    this.#hideLower(node);
  }

  #hideLower(node: number): void {
    let child = this.#tree.firstChild(node);
    while (child !== NONE) {
      const next = this.#tree.nextSibling(child);
      if (this.#isOwn(child)) this.#hideLower(child);
      else this.removed += this.#tree.remove(child);
      child = next;
    }
  }

  /** A name that the output must hide below the chosen layers, whatever it is here. */
  keepWhiteout(parent: number, name: Buffer): void {
    const node = this.#tree.find(parent, name, 0, name.length);
    if (node === NONE) this.#addUngiven(parent, name, Kind.whiteout);
    else if (this.#tree.isDirectory(node)) this.#tree.setOpaque(node);
  }

  #countShadowed(inode: number, kind: Kind): void {
    if (kind !== Kind.whiteout && !this.#inodes.isImplied(inode)) this.shadowed++;
  }

  #replaceKind(node: number, before: Kind, after: Kind): void {
    this.shadowed += this.#tree.removeChildren(node);
    this.#tree.clearFlags(node);
    // What stood here hides a directory below the chosen layers; a directory in its place must go on to.
    const hides = this.#keepWhiteouts && before !== Kind.directory && after === Kind.directory;
    if (hides) this.#tree.setAnew(node);
  }

  /** A directory that an entry lands in is the layer's own from then on: a whiteout behind the entry spares it. */
  #touchParents(node: number): void {
    for (let at = node; at !== ROOT; ) {
      at = this.#tree.parent(at);
      if (this.linksWait ? this.#tree.given(at) >= this.entry : this.#isOwn(at)) return;
      this.#tree.setGiven(at, this.entry);
    }
  }
}
