import { DimgxError } from '../errors.ts';
import { Type } from '../tar/block.ts';
import { overLimit, show } from '../tar/faults.ts';
import { PathComponents } from '../tar/path.ts';
import type { TarEntry, TarReader } from '../tar/reader.ts';
import { HardLinks } from './hard-links.ts';
import { type Inodes, Kind, kindOf } from './inodes.ts';
import type { Limits } from './limits.ts';
import { type Imply, type ReadLink, Resolver } from './resolve.ts';
import type { Tree } from './tree.ts';
import { TreeEditor } from './tree-editor.ts';
import { classifyName, hiddenName, isAufsMetadata, isReserved } from './whiteout.ts';

const NONE = -1;
const ENTRIES_BETWEEN_REPORTS = 4096;
const ROOT_PATH = Buffer.from('./');

export interface ApplierOptions {
  readonly limits: Limits;
  readonly readLink: ReadLink;
  /** Whiteouts that find nothing in the chosen layers stay as nodes, to be put out. */
  readonly keepWhiteouts: boolean;
  /** Hears now and then how many entries were applied; may throw to end the work. */
  readonly onEntries: (entries: number) => void;
}

/**
 * Applies layers onto the tree, lowest precedence first, entry by entry in their order, as an extractor does.
 * Whiteouts and opaque markers take away what lower layers gave and nothing that the layer itself gives, before or
 * after. OCI layer.md, "Applying Changesets".
 */
export class LayerApplier {
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #options: ApplierOptions;
  readonly #editor: TreeEditor;
  readonly #resolver: Resolver;
  readonly #links: HardLinks;
  readonly #path: PathComponents;
  readonly #imply: Imply;
  #entries = 0;

  constructor(tree: Tree, inodes: Inodes, options: ApplierOptions) {
    const { limits, readLink, keepWhiteouts } = options;
    const editor = new TreeEditor(tree, inodes, keepWhiteouts);
    const resolver = new Resolver(tree, inodes, readLink, limits);
    const imply: Imply = (parent, name) => editor.imply(parent, name);
    this.#tree = tree;
    this.#inodes = inodes;
    this.#options = options;
    this.#editor = editor;
    this.#resolver = resolver;
    this.#links = new HardLinks({ tree, inodes, editor, resolver, imply }, limits.pathDepth);
    this.#path = new PathComponents(limits.pathDepth);
    this.#imply = imply;
  }

  /** Names that a whiteout or an opaque directory took away. */
  get removed(): number {
    return this.#editor.removed;
  }

  /** Names that a later entry replaced. */
  get shadowed(): number {
    return this.#editor.shadowed;
  }

  /** `layer` counts from 0, lowest precedence first. Throws coded errors that name the entry. */
  apply(layer: number, reader: TarReader): void {
    const { onEntries } = this.#options;
    this.#editor.layer = layer;
    for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
      if (++this.#entries % ENTRIES_BETWEEN_REPORTS === 0) onEntries(this.#entries);
      this.#applyEntry(entry);
      this.#checkSize(entry);
    }
    this.#links.applyDeferred(() => onEntries(this.#entries));
  }

  /** One entry can imply many directories, and names are as long as the image likes. */
  #checkSize(entry: TarEntry): void {
    const { entries, nameBytes } = this.#options.limits;
    if (this.#entries > entries || this.#tree.count - 1 > entries) {
      throw overLimit(`${show(entry.path)} is one entry or directory too many`, 'entries', entries);
    }
    if (this.#tree.nameBytes + this.#links.deferredBytes > nameBytes) {
      throw overLimit(`the names up to ${show(entry.path)} are too long`, 'nameBytes', nameBytes);
    }
  }

  #applyEntry(entry: TarEntry): void {
    const path = this.#path;
    path.parse(entry.path);
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
    this.#editor.settleRoot(this.#inodes.add(Kind.directory, this.#editor.layer, entry, verbatim));
  }

  #put(entry: TarEntry, name: Buffer): void {
    if (entry.type === Type.hardlink) {
      this.#links.apply(entry);
      return;
    }
    const path = this.#path;
    const parent = this.#resolver.directory(path, path.count - 1, this.#imply);
    const kind = kindOf(entry.type);
    const spelledAsOutput = path.canonical && (kind === Kind.directory || !path.trailingSlash);
    const verbatim = spelledAsOutput && !entry.irregular && !this.#resolver.throughSymlink;
    this.#editor.settle(parent, name, this.#inodes.add(kind, this.#editor.layer, entry, verbatim));
  }

  #hide(name: Buffer): void {
    const parent = this.#resolver.directory(this.#path, this.#path.count - 1, this.#placeForWhiteout());
    if (parent === NONE) return;
    const node = this.#tree.find(parent, name, 0, name.length);
    if (node !== NONE) this.#editor.hide(node);
    if (this.#options.keepWhiteouts) this.#editor.keepWhiteout(parent, name);
  }

  #hideChildren(): void {
    const directory = this.#resolver.directory(this.#path, this.#path.count - 1, this.#placeForWhiteout());
    if (directory === NONE) return;
    this.#editor.hideChildren(directory);
    if (this.#options.keepWhiteouts) this.#tree.setOpaque(directory);
  }

  /** A kept whiteout needs a place to stand, but takes none from a file; one that is not kept makes nothing appear. */
  #placeForWhiteout(): Imply | undefined {
    if (!this.#options.keepWhiteouts) return undefined;
    return (parent, name, existing) => (existing === NONE ? this.#editor.imply(parent, name) : NONE);
  }
}
