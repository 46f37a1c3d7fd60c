import { DimgxError } from '../errors.ts';
import { Type } from '../tar/block.ts';
import { PathComponents } from '../tar/path.ts';
import { show, type TarEntry, type TarReader } from '../tar/reader.ts';
import { type Inodes, Kind, kindOf } from './inodes.ts';
import type { Limits } from './limits.ts';
import { type Imply, type ReadLink, Resolver } from './resolve.ts';
import { ROOT, type Tree } from './tree.ts';
import { classifyName, hiddenName, isAufsMetadata, isReserved } from './whiteout.ts';

const NONE = -1;
const ENTRIES_BETWEEN_REPORTS = 4096;

export interface ApplierOptions {
  readonly limits: Limits;
  readonly readLink: ReadLink;
  /** Whiteouts that find nothing in the chosen layers stay as nodes, to be put out. */
  readonly keepWhiteouts: boolean;
  /** Hears now and then how many entries were applied; may throw to end the work. */
  readonly onEntries: (entries: number) => void;
}

/** A hard link whose target had not come yet. */
interface DeferredLink {
  readonly path: Buffer;
  readonly target: Buffer;
  /** Inodes made before it in all: a name given later has a younger one. */
  readonly inodesBefore: number;
}

/**
 * Applies layers onto the tree, lowest precedence first, entry by entry in their order, as an extractor does.
 * Whiteouts and opaque markers take away what lower layers gave and nothing that the layer itself gives, before or
 * after. OCI layer.md, "Applying Changesets".
 */
export class LayerApplier {
  removed = 0;
  shadowed = 0;
  entries = 0;
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #options: ApplierOptions;
  readonly #resolver: Resolver;
  readonly #path: PathComponents;
  readonly #target: PathComponents;
  readonly #imply: Imply;
  #layer = 0;
  #deferred: DeferredLink[] = [];

  constructor(tree: Tree, inodes: Inodes, options: ApplierOptions) {
    this.#tree = tree;
    this.#inodes = inodes;
    this.#options = options;
    this.#resolver = new Resolver(tree, inodes, options.readLink, options.limits);
    this.#path = new PathComponents(options.limits.pathDepth);
    this.#target = new PathComponents(options.limits.pathDepth);
    this.#imply = (parent, name) => this.#implyDirectory(parent, name);
  }

  /** `layer` counts from 0, lowest precedence first. Throws coded errors that name the entry. */
  apply(layer: number, reader: TarReader): void {
    this.#layer = layer;
    for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
      if (++this.entries > this.#options.limits.entries) {
        throw new DimgxError(
          'LIMIT_EXCEEDED',
          `the layers have more than ${this.#options.limits.entries} entries`,
        );
      }
      if (this.entries % ENTRIES_BETWEEN_REPORTS === 0) this.#options.onEntries(this.entries);
      this.#applyEntry(entry);
    }
    this.#linkDeferred();
  }

  #applyEntry(entry: TarEntry): void {
    const path = this.#path;
    this.#parse(path, entry.path);
    if (path.count === 0) {
      this.#applyRoot(entry);
      return;
    }
    const name = path.component(path.count - 1);
    if (isAufsMetadata(path.component(0))) {
      this.#put(entry, name);
      return;
    }
    switch (classifyName(name)) {
      case 'invalid':
        throw new DimgxError('WHITEOUT_INVALID', `${show(entry.path)} is a whiteout of no file's name`);
      case 'opaque':
        this.#hideChildren();
        return;
      case 'whiteout':
        this.#hide(hiddenName(name));
        return;
      case 'ordinary':
        if (!this.#isBelowReserved()) this.#put(entry, name);
    }
  }

  #parse(path: PathComponents, raw: Buffer): void {
    if (path.parse(raw)) return;
    throw new DimgxError('LIMIT_EXCEEDED', `${show(raw)} is more than ${path.maxDepth} directories deep`);
  }

  /** A whiteout may be a directory; what that directory holds is no part of the tree. */
  #isBelowReserved(): boolean {
    for (let i = 0; i < this.#path.count - 1; i++) if (isReserved(this.#path.component(i))) return true;
    return false;
  }

  #applyRoot(entry: TarEntry): void {
    if (entry.type !== Type.directory) {
      throw new DimgxError('LAYER_INVALID', `the root ${show(entry.path)} is an entry that is no directory`);
    }
    const verbatim = !entry.irregular && entry.path.equals(ROOT_PATH);
    const inode = this.#inodes.add(Kind.directory, this.#layer, entry, verbatim);
    if (!this.#inodes.isImplied(this.#tree.inode(ROOT))) this.shadowed++;
    this.#give(ROOT, inode);
    this.#inodes.setHome(inode, ROOT);
  }

  #put(entry: TarEntry, name: Buffer): void {
    if (entry.type === Type.hardlink) {
      this.#link(entry, name);
      return;
    }
    const path = this.#path;
    const parent = this.#resolver.directory(path, path.count - 1, this.#imply);
    const kind = kindOf(entry.type);
    const spelledAsOutput = path.canonical && (kind === Kind.directory || !path.trailingSlash);
    const verbatim = spelledAsOutput && !entry.irregular && !this.#resolver.throughSymlink;
    const inode = this.#inodes.add(kind, this.#layer, entry, verbatim);
    this.#settle(parent, name, inode);
  }

  /** Names an inode for the first time. */
  #settle(parent: number, name: Buffer, inode: number): number {
    const node = this.#name(parent, name, inode);
    this.#inodes.setHome(inode, node);
    return node;
  }

  /** Gives `name` in `parent` to an inode, over whatever stood there. */
  #name(parent: number, name: Buffer, inode: number): number {
    const existing = this.#tree.find(parent, name, 0, name.length);
    if (existing === NONE) {
      const node = this.#tree.add(parent, name, inode, this.#layer);
      this.#touchParents(node);
      return node;
    }
    const before = this.#inodes.kind(this.#tree.inode(existing));
    const after = this.#inodes.kind(inode);
    if (before !== Kind.whiteout && !this.#inodes.isImplied(this.#tree.inode(existing))) this.shadowed++;
    if (before !== Kind.directory || after !== Kind.directory) this.#replaceKind(existing, before, after);
    this.#give(existing, inode);
    return existing;
  }

  /** Nothing but a directory over a directory merges. */
  #replaceKind(node: number, before: Kind, after: Kind): void {
    this.shadowed += this.#tree.removeChildren(node);
    this.#tree.clearFlags(node);
    if (this.#options.keepWhiteouts && after === Kind.directory && before !== Kind.directory) {
      // What stood here hides a directory below the chosen layers; the directory that replaces it must go on to.
      this.#tree.setOpaque(node);
    }
  }

  #give(node: number, inode: number): void {
    this.#tree.setInode(node, inode, this.#layer);
    this.#touchParents(node);
  }

  /** A directory that an entry lands in is the layer's own from then on: a whiteout behind the entry spares it. */
  #touchParents(node: number): void {
    for (let at = node; at !== ROOT; ) {
      at = this.#tree.parent(at);
      if (this.#tree.layer(at) === this.#layer) return;
      this.#tree.setInode(at, this.#tree.inode(at), this.#layer);
    }
  }

  #implyDirectory(parent: number, name: Buffer): number {
    return this.#settle(parent, name, this.#inodes.addImplied(Kind.directory));
  }

  #link(entry: TarEntry, name: Buffer): void {
    this.#parse(this.#target, entry.link);
    const inode = this.#findTarget(entry.path, entry.link);
    if (inode === NONE) {
      const { count } = this.#inodes;
      this.#deferred.push({
        path: Buffer.from(entry.path),
        target: Buffer.from(entry.link),
        inodesBefore: count,
      });
      return;
    }
    this.#nameLinked(name, inode);
  }

  /** The inode that the link target parsed last stands for now, or -1. */
  #findTarget(path: Buffer, link: Buffer): number {
    const target = this.#target;
    if (target.count === 0) throw linkToDirectory(path, link);
    const parent = this.#resolver.directory(target, target.count - 1, undefined);
    if (parent === NONE) return NONE;
    const last = target.count - 1;
    const node = this.#tree.find(parent, target.bytes, target.starts[last], target.ends[last]);
    if (node === NONE) return NONE;
    const inode = this.#tree.inode(node);
    const kind = this.#inodes.kind(inode);
    if (kind === Kind.whiteout) return NONE;
    if (kind === Kind.directory) throw linkToDirectory(path, link);
    return inode;
  }

  #nameLinked(name: Buffer, inode: number): void {
    const parent = this.#resolver.directory(this.#path, this.#path.count - 1, this.#imply);
    const existing = this.#tree.find(parent, name, 0, name.length);
    // A link to itself, or again to what it is: the name is the layer's own now, and nothing else changes.
    if (existing !== NONE && this.#tree.inode(existing) === inode) this.#give(existing, inode);
    else this.#name(parent, name, inode);
    this.#inodes.setLinked(inode);
  }

  /** At the layer's end: links may wait for links, so rounds, until none gets further. */
  #linkDeferred(): void {
    let waiting = this.#deferred;
    this.#deferred = [];
    while (waiting.length > 0) {
      const still = waiting.filter((link) => !this.#linkNow(link));
      if (still.length === waiting.length) {
        const [{ path, target }] = still;
        throw new DimgxError(
          'HARDLINK_INVALID',
          `the hard link ${show(path)} leads to ${show(target)}, which is not there`,
        );
      }
      waiting = still;
    }
  }

  #linkNow({ path, target, inodesBefore }: DeferredLink): boolean {
    this.#parse(this.#target, target);
    const inode = this.#findTarget(path, target);
    if (inode === NONE) return false;
    this.#parse(this.#path, path);
    const name = this.#path.component(this.#path.count - 1);
    if (!this.#isGivenSince(name, inodesBefore)) this.#nameLinked(name, inode);
    return true;
  }

  /** The last entry of a name wins, and this one came after the link. */
  #isGivenSince(name: Buffer, inodesBefore: number): boolean {
    const parent = this.#resolver.directory(this.#path, this.#path.count - 1, undefined);
    if (parent === NONE) return false;
    const node = this.#tree.find(parent, name, 0, name.length);
    return node !== NONE && this.#tree.layer(node) === this.#layer && this.#tree.inode(node) >= inodesBefore;
  }

  #hide(name: Buffer): void {
    const parent = this.#resolver.directory(this.#path, this.#path.count - 1, this.#placeForWhiteout());
    if (parent === NONE) return;
    const node = this.#tree.find(parent, name, 0, name.length);
    if (node !== NONE) this.removed += this.#removeLower(node);
    if (this.#options.keepWhiteouts) this.#keepWhiteout(parent, name);
  }

  #keepWhiteout(parent: number, name: Buffer): void {
    const node = this.#tree.find(parent, name, 0, name.length);
    if (node === NONE) this.#settle(parent, name, this.#inodes.addImplied(Kind.whiteout));
    else if (this.#tree.isDirectory(node)) this.#tree.setOpaque(node);
  }

  #hideChildren(): void {
    const directory = this.#resolver.directory(this.#path, this.#path.count - 1, this.#placeForWhiteout());
    if (directory === NONE) return;
    this.removed += this.#removeLowerChildren(directory);
    if (this.#options.keepWhiteouts) this.#tree.setOpaque(directory);
  }

  /** A kept whiteout needs a place to stand, but takes none from a file; one that is not kept makes nothing appear. */
  #placeForWhiteout(): Imply | undefined {
    if (!this.#options.keepWhiteouts) return undefined;
    return (parent, name, existing) => (existing === NONE ? this.#implyDirectory(parent, name) : NONE);
  }

  /** Takes away what lower layers gave at a node and below. */
  #removeLower(node: number): number {
    const removed = this.#removeLowerChildren(node);
    return this.#tree.layer(node) === this.#layer ? removed : removed + this.#tree.remove(node);
  }

  #removeLowerChildren(node: number): number {
    let removed = 0;
    let child = this.#tree.firstChild(node);
    while (child !== NONE) {
      const next = this.#tree.nextSibling(child);
      removed += this.#removeLower(child);
      child = next;
    }
    return removed;
  }
}

const ROOT_PATH = Buffer.from('./');

function linkToDirectory(path: Buffer, target: Buffer): DimgxError {
  return new DimgxError(
    'HARDLINK_INVALID',
    `the hard link ${show(path)} leads to a directory, ${show(target)}`,
  );
}
