import { type Inodes, Kind } from './inodes.ts';
import { ROOT, type Tree } from './tree.ts';

const NONE = -1;

/**
 * Changes the tree in the name of one layer after another: gives names to inodes over whatever stood there, and
 * takes away what lower layers gave. Each name remembers the layer that gave it last.
 */
export class TreeEditor {
  /** Names that a whiteout or an opaque directory took away. */
  removed = 0;
  /** Names that a later entry replaced. */
  shadowed = 0;
  /** The layer at work, counted from 0, lowest precedence first. */
  layer = 0;
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #keepWhiteouts: boolean;

  /** With `keepWhiteouts`, names that hide something below the chosen layers stay, to be put out. */
  constructor(tree: Tree, inodes: Inodes, keepWhiteouts: boolean) {
    this.#tree = tree;
    this.#inodes = inodes;
    this.#keepWhiteouts = keepWhiteouts;
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
      const node = this.#tree.add(parent, name, inode, this.layer);
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

  /** A directory that no entry describes, over what stood there. */
  imply(parent: number, name: Buffer): number {
    return this.settle(parent, name, this.#inodes.addImplied(Kind.directory));
  }

  /** The node stands for the inode now, by the layer at work. */
  give(node: number, inode: number): void {
    this.#tree.setInode(node, inode, this.layer);
    this.#touchParents(node);
  }

  /** Takes away what lower layers gave at a node and below. */
  hide(node: number): void {
    this.hideChildren(node);
    if (this.#tree.layer(node) !== this.layer) this.removed += this.#tree.remove(node);
  }

  hideChildren(node: number): void {
    let child = this.#tree.firstChild(node);
    while (child !== NONE) {
      const next = this.#tree.nextSibling(child);
      this.hide(child);
      child = next;
    }
  }

  /** A name that the output must hide below the chosen layers, whatever it is here. */
  keepWhiteout(parent: number, name: Buffer): void {
    const node = this.#tree.find(parent, name, 0, name.length);
    if (node === NONE) this.settle(parent, name, this.#inodes.addImplied(Kind.whiteout));
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
    if (hides) this.#tree.setOpaque(node);
  }

  /** A directory that an entry lands in is the layer's own from then on: a whiteout behind the entry spares it. */
  #touchParents(node: number): void {
    for (let at = node; at !== ROOT; ) {
      at = this.#tree.parent(at);
      if (this.#tree.layer(at) === this.layer) return;
      this.#tree.setInode(at, this.#tree.inode(at), this.layer);
    }
  }
}
