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
  #layer = 0;

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
    this.#links = new HardLinks({ tree, inodes, editor, resolver, imply }, limits);
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
    const editor = this.#editor;
    this.#layer = layer;
    editor.beginLayer();
    for (let entry = reader.next(); entry !== undefined; entry = reader.next()) {
      if (++editor.entry % ENTRIES_BETWEEN_REPORTS === 0) this.#options.onEntries(editor.entry);
      this.#applyEntry(entry);
      this.#checkSize(entry.path);
    }
    const entries = editor.entry;
    this.#options.onEntries(entries);
    this.#links.applyDeferred((path) => {
      this.#options.onEntries(entries);
      this.#checkSize(path);
    });
  }

  /** One entry can imply many directories, and names are as long as the image likes. */
  #checkSize(path: Buffer): void {
    const { entries, nameBytes } = this.#options.limits;
    if (this.#editor.entry > entries || this.#tree.count - 1 > entries) {
      throw overLimit(`${show(path)} is one entry or directory too many`, 'entries', entries);
    }
    if (this.#tree.nameBytes + this.#links.deferredBytes > nameBytes) {
      throw overLimit(`the names up to ${show(path)} are too long`, 'nameBytes', nameBytes);
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
    if (this.#isBelowReserved()) return;
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
        this.#put(entry, name);
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
    this.#editor.settleRoot(this.#inodes.add(Kind.directory, this.#layer, entry, verbatim));
  }

  #put(entry: TarEntry, name: Buffer): void {
    if (entry.type === Type.hardlink) {
      this.#links.apply(entry);
      return;
    }
    const path = this.#path;
    const parent = this.#resolver.directory(path, path.count - 1, this.#imply);
    if (parent === NONE) return;
    const kind = kindOf(entry.type);
    const spelledAsOutput = path.canonical && (kind === Kind.directory || !path.trailingSlash);
    const verbatim = spelledAsOutput && !entry.irregular && !this.#resolver.throughSymlink;
    this.#editor.settle(parent, name, this.#inodes.add(kind, this.#layer, entry, verbatim));
  }

  #hide(name: Buffer): void {
    const parent = this.#placeOfWhiteout();
    if (parent === NONE) return;
    const node = this.#tree.find(parent, name, 0, name.length);
    if (node !== NONE) this.#editor.hide(node);
    if (this.#options.keepWhiteouts) this.#editor.keepWhiteout(parent, name);
  }

  #hideChildren(): void {
    const directory = this.#placeOfWhiteout();
    if (directory === NONE) return;
    this.#editor.hideChildren(directory);
    if (this.#options.keepWhiteouts) this.#tree.setOpaque(directory);
  }

  /** Where there is no such directory a whiteout makes none, but a kept one needs a place to stand; none of a file's. */
  #placeOfWhiteout(): number {
    const imply: Imply | undefined = this.#options.keepWhiteouts
      ? (parent, name, existing) => (existing === NONE ? this.#editor.implyForWhiteout(parent, name) : NONE)
      : undefined;
    return this.#resolver.directory(this.#path, this.#path.count - 1, imply, false);
  }
}
