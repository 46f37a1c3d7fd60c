import { type Inodes, Kind } from './inodes.ts';
import type { Selection } from './selection.ts';
import { ROOT, type Tree } from './tree.ts';

/** One step of the output. Ranges are of a layer's bytes, whole blocks. */
export type OutputStep =
  /** Blocks passed on unchanged: one entry or many. */
  | { readonly kind: 'copy'; readonly layer: number; readonly start: number; readonly end: number }
  /** The header of an inode under a path that its own blocks do not spell. */
  | { readonly kind: 'rename'; readonly inode: number; readonly node: number }
  | { readonly kind: 'link'; readonly inode: number; readonly node: number; readonly target: number }
  | { readonly kind: 'implied'; readonly node: number }
  | { readonly kind: 'whiteout'; readonly node: number }
  | { readonly kind: 'opaque'; readonly node: number };

export interface OutputCounts {
  files: number;
  directories: number;
  symlinks: number;
  hardlinks: number;
  devices: number;
}

const NONE = -1;

/**
 * The order of the flattened tar: a walk through the tree, each directory in front of all that is in it, so that no
 * extractor has to come back to a directory that it has finished; names of one directory as they were first given, so
 * that neighbours of a layer which survive are one range. Of an inode's names the first carries its content.
 */
export class OutputOrder {
  readonly counts: OutputCounts = { files: 0, directories: 0, symlinks: 0, hardlinks: 0, devices: 0 };
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #selection: Selection;
  readonly #keepWhiteouts: boolean;

  constructor(tree: Tree, inodes: Inodes, selection: Selection, keepWhiteouts: boolean) {
    this.#tree = tree;
    this.#inodes = inodes;
    this.#selection = selection;
    this.#keepWhiteouts = keepWhiteouts;
  }

  /** Entries put out so far. */
  get entries(): number {
    const { files, directories, symlinks, hardlinks, devices } = this.counts;
    return files + directories + symlinks + hardlinks + devices;
  }

  /** All steps, neighbouring copies joined; to be asked for once. */
  *steps(): Generator<OutputStep> {
    let layer = -1;
    let start = 0;
    let end = 0;
    for (const step of this.#single()) {
      if (step.kind === 'copy' && step.layer === layer && step.start === end) {
        end = step.end;
        continue;
      }
      if (layer !== -1) yield { kind: 'copy', layer, start, end };
      layer = -1;
      if (step.kind === 'copy') ({ layer, start, end } = step);
      else yield step;
    }
    if (layer !== -1) yield { kind: 'copy', layer, start, end };
  }

  *#single(): Generator<OutputStep> {
    /** Of inodes that have or had several names, the one that came first. */
    const carriers = new Map<number, number>();
    for (let node = ROOT; node !== NONE; node = this.#nextOnWalk(node)) {
      const inode = this.#tree.inode(node);
      const target = this.#inodes.isLinked(inode) ? carriers.get(inode) : undefined;
      if (target !== undefined) {
        this.counts.hardlinks++;
        yield { kind: 'link', inode, node, target };
      } else {
        if (this.#inodes.isLinked(inode)) carriers.set(inode, node);
        if (this.#inodes.isImplied(inode)) yield* this.#implied(inode, node);
        else yield* this.#entry(inode, node);
      }
    }
    if (this.#keepWhiteouts) yield* this.#opaqueMarkers();
  }

  #nextOnWalk(node: number): number {
    let next = this.#firstSelected(this.#tree.firstChild(node));
    for (let at = node; next === NONE && at !== ROOT; at = this.#tree.parent(at)) {
      next = this.#firstSelected(this.#tree.nextSibling(at));
    }
    return next;
  }

  /** The node, or the next one behind it in its directory; nothing is selected below one that is not. */
  #firstSelected(node: number): number {
    let at = node;
    while (at !== NONE && this.#selection[at] !== 1) at = this.#tree.nextSibling(at);
    return at;
  }

  *#implied(inode: number, node: number): Generator<OutputStep> {
    if (this.#inodes.kind(inode) === Kind.whiteout) {
      yield { kind: 'whiteout', node };
    } else if (node !== ROOT && (!this.#keepWhiteouts || this.#tree.isAnew(node))) {
      // In a diff layer an implied directory is the one below, whose metadata an entry would override.
      this.counts.directories++;
      yield { kind: 'implied', node };
    }
  }

  *#entry(inode: number, node: number): Generator<OutputStep> {
    this.#count(this.#inodes.kind(inode));
    const layer = this.#inodes.layer(inode);
    const { start, data, end } = this.#inodes.blocks(inode);
    if (this.#inodes.isVerbatim(inode) && this.#inodes.home(inode) === node) {
      yield { kind: 'copy', layer, start, end };
      return;
    }
    yield { kind: 'rename', inode, node };
    if (end > data) yield { kind: 'copy', layer, start: data, end };
  }

  #count(kind: Kind): void {
    if (kind === Kind.file) this.counts.files++;
    else if (kind === Kind.directory) this.counts.directories++;
    else if (kind === Kind.symlink) this.counts.symlinks++;
    else this.counts.devices++;
  }

  /** Behind all that is in them: before it they would take the directories away in which that lands. */
  *#opaqueMarkers(): Generator<OutputStep> {
    for (let node = 0; node < this.#tree.count; node++) {
      const isOut = this.#tree.isAlive(node) && this.#selection[node] === 1;
      if (isOut && this.#tree.isOpaque(node)) yield { kind: 'opaque', node };
    }
  }
}
