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

/**
 * The order of the flattened tar: as the entries come in the layers, lowest first, so that neighbours which
 * survive are one range; but a directory before what is in it, with the metadata that won, and the further names
 * of an inode right behind its first. Each path comes once.
 */
export class OutputOrder {
  readonly counts: OutputCounts = { files: 0, directories: 0, symlinks: 0, hardlinks: 0, devices: 0 };
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #selection: Selection;
  readonly #keepWhiteouts: boolean;
  readonly #links: ReadonlyMap<number, readonly number[]>;
  readonly #done: Uint8Array;

  constructor(tree: Tree, inodes: Inodes, selection: Selection, keepWhiteouts: boolean) {
    this.#tree = tree;
    this.#inodes = inodes;
    this.#selection = selection;
    this.#keepWhiteouts = keepWhiteouts;
    this.#links = furtherNames(tree, inodes, selection);
    this.#done = new Uint8Array(tree.count);
  }

  /** Entries put out so far. */
  get entries(): number {
    const { files, directories, symlinks, hardlinks, devices } = this.counts;
    return files + directories + symlinks + hardlinks + devices;
  }

  /** All steps, neighbouring copies joined. */
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
    const root = this.#tree.inode(ROOT);
    if (!this.#inodes.isImplied(root)) {
      this.counts.directories++;
      yield* this.#entry(root, ROOT);
    }
    this.#done[ROOT] = 1;
    for (let inode = 0; inode < this.#inodes.count; inode++) {
      const home = this.#inodes.home(inode);
      const lives = home !== -1 && this.#tree.inode(home) === inode && this.#selection[home] === 1;
      const further = this.#inodes.isLinked(inode) ? (this.#links.get(inode) ?? []) : [];
      const first = lives ? home : further[0];
      if (first === undefined || this.#done[first] === 1) continue;
      yield* this.#name(inode, first);
      for (const node of further) if (node !== first) yield* this.#link(inode, node, first);
    }
    if (this.#keepWhiteouts) yield* this.#opaqueMarkers();
  }

  /** A name that carries its inode's content, behind the directories that lead to it. */
  *#name(inode: number, node: number): Generator<OutputStep> {
    const kind = this.#inodes.kind(inode);
    const directory = kind === Kind.directory ? node : this.#tree.parent(node);
    if (this.#done[directory] === 0) yield* this.#directory(directory);
    if (kind === Kind.directory) return;
    if (kind === Kind.whiteout) {
      yield { kind: 'whiteout', node };
      return;
    }
    if (kind === Kind.file) this.counts.files++;
    else if (kind === Kind.symlink) this.counts.symlinks++;
    else this.counts.devices++;
    yield* this.#entry(inode, node);
  }

  *#directory(node: number): Generator<OutputStep> {
    const parent = this.#tree.parent(node);
    if (this.#done[parent] === 0) yield* this.#directory(parent);
    this.#done[node] = 1;
    const inode = this.#tree.inode(node);
    if (!this.#inodes.isImplied(inode)) {
      this.counts.directories++;
      yield* this.#entry(inode, node);
    } else if (!this.#keepWhiteouts || this.#tree.isAnew(node)) {
      // In a diff layer an implied directory is the one below, whose metadata an entry would override.
      this.counts.directories++;
      yield { kind: 'implied', node };
    }
  }

  /** Behind all that is in them: before it they would take the directories away in which that lands. */
  *#opaqueMarkers(): Generator<OutputStep> {
    for (let node = 0; node < this.#tree.count; node++) {
      const isOut = this.#tree.isAlive(node) && this.#selection[node] === 1;
      if (isOut && this.#tree.isOpaque(node)) yield { kind: 'opaque', node };
    }
  }

  *#entry(inode: number, node: number): Generator<OutputStep> {
    const layer = this.#inodes.layer(inode);
    const { start, data, end } = this.#inodes.blocks(inode);
    if (this.#inodes.isVerbatim(inode) && this.#inodes.home(inode) === node) {
      yield { kind: 'copy', layer, start, end };
      return;
    }
    yield { kind: 'rename', inode, node };
    if (end > data) yield { kind: 'copy', layer, start: data, end };
  }

  *#link(inode: number, node: number, target: number): Generator<OutputStep> {
    const parent = this.#tree.parent(node);
    if (this.#done[parent] === 0) yield* this.#directory(parent);
    this.counts.hardlinks++;
    yield { kind: 'link', inode, node, target };
  }
}

/** The selected names of each linked inode, its home aside, in the order in which they were first given. */
function furtherNames(tree: Tree, inodes: Inodes, selection: Selection): Map<number, number[]> {
  const names = new Map<number, number[]>();
  for (let node = 0; node < tree.count; node++) {
    if (!tree.isAlive(node) || selection[node] !== 1) continue;
    const inode = tree.inode(node);
    if (!inodes.isLinked(inode) || inodes.home(inode) === node) continue;
    const group = names.get(inode);
    if (group === undefined) names.set(inode, [node]);
    else group.push(node);
  }
  return names;
}
