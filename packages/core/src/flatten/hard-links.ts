import { DimgxError } from '../errors.ts';
import { show } from '../tar/faults.ts';
import { PathComponents } from '../tar/path.ts';
import type { TarEntry } from '../tar/reader.ts';
import { type Inodes, Kind } from './inodes.ts';
import type { Imply, Resolver } from './resolve.ts';
import type { Tree } from './tree.ts';
import type { TreeEditor } from './tree-editor.ts';

const NONE = -1;

const TRIES_BETWEEN_CHECKS = 4096;

/** A hard link whose target had not come yet. */
interface DeferredLink {
  readonly path: Buffer;
  readonly target: Buffer;
  /** Inodes made before it in all: a name given later has a younger one. */
  readonly inodesBefore: number;
}

export interface LinkContext {
  readonly tree: Tree;
  readonly inodes: Inodes;
  readonly editor: TreeEditor;
  readonly resolver: Resolver;
  readonly imply: Imply;
}

/**
 * Applies hard links: a link gives one more name to the inode that its target has at that point of the layer, over
 * the lower layers' tree; after that the names are independent. Throws `HARDLINK_INVALID`.
 */
export class HardLinks {
  readonly #context: LinkContext;
  readonly #path: PathComponents;
  readonly #target: PathComponents;
  #deferred: DeferredLink[] = [];
  /** What the names of links take that wait for their targets. */
  deferredBytes = 0;

  constructor(context: LinkContext, maxDepth: number) {
    this.#context = context;
    this.#path = new PathComponents(maxDepth);
    this.#target = new PathComponents(maxDepth);
  }

  /** A link to what is not there yet waits for `applyDeferred`. */
  apply(entry: TarEntry): void {
    const inode = this.#find(entry.path, entry.link);
    if (inode !== NONE) {
      this.#name(entry.path, inode);
      return;
    }
    const inodesBefore = this.#context.inodes.count;
    this.#deferred.push({ path: Buffer.from(entry.path), target: Buffer.from(entry.link), inodesBefore });
    this.deferredBytes += entry.path.length + entry.link.length;
  }

  /**
   * To be called at the layer's end. Links may wait for links, so there are rounds, until none gets further; a hostile
   * order makes them as many as there are links, so `check` is called now and then, and throws to end the work.
   */
  applyDeferred(check: () => void): void {
    let waiting = this.#deferred;
    this.#deferred = [];
    this.deferredBytes = 0;
    let tries = 0;
    while (waiting.length > 0) {
      const still = waiting.filter((link) => {
        if (++tries % TRIES_BETWEEN_CHECKS === 0) check();
        return !this.#applyNow(link);
      });
      if (still.length === waiting.length) {
        const [{ path, target }] = still;
        const message = `the hard link ${show(path)} leads to ${show(target)}, which is not there`;
        throw new DimgxError('HARDLINK_INVALID', message);
      }
      waiting = still;
    }
  }

  #applyNow({ path, target, inodesBefore }: DeferredLink): boolean {
    const inode = this.#find(path, target);
    if (inode === NONE) return false;
    if (!this.#isGivenSince(path, inodesBefore)) this.#name(path, inode);
    return true;
  }

  /** The inode that a link's target stands for now, or -1. */
  #find(path: Buffer, link: Buffer): number {
    const { tree, inodes, resolver } = this.#context;
    const target = this.#target;
    target.parse(link);
    if (target.count === 0) throw linkToDirectory(path, link);
    const last = target.count - 1;
    const parent = resolver.directory(target, last, undefined);
    const node =
      parent === NONE ? NONE : tree.find(parent, target.bytes, target.starts[last], target.ends[last]);
    if (node === NONE) return NONE;
    const inode = tree.inode(node);
    const kind = inodes.kind(inode);
    if (kind === Kind.directory) throw linkToDirectory(path, link);
    return kind === Kind.whiteout ? NONE : inode;
  }

  #name(raw: Buffer, inode: number): void {
    const { tree, inodes, editor, resolver, imply } = this.#context;
    const path = this.#path;
    path.parse(raw);
    const last = path.count - 1;
    const parent = resolver.directory(path, last, imply);
    const existing = tree.find(parent, path.bytes, path.starts[last], path.ends[last]);
    // A link to itself, or again to what it is: the name is the layer's own now, and nothing else changes.
    if (existing !== NONE && tree.inode(existing) === inode) editor.give(existing, inode);
    else editor.name(parent, path.component(last), inode);
    inodes.setLinked(inode);
  }

  /** The last entry of a name wins, and the name came again behind the link. */
  #isGivenSince(raw: Buffer, inodesBefore: number): boolean {
    const { tree, editor, resolver } = this.#context;
    const path = this.#path;
    path.parse(raw);
    const last = path.count - 1;
    const parent = resolver.directory(path, last, undefined);
    const node = parent === NONE ? NONE : tree.find(parent, path.bytes, path.starts[last], path.ends[last]);
    return node !== NONE && tree.layer(node) === editor.layer && tree.inode(node) >= inodesBefore;
  }
}

function linkToDirectory(path: Buffer, target: Buffer): DimgxError {
  return new DimgxError(
    'HARDLINK_INVALID',
    `the hard link ${show(path)} leads to a directory, ${show(target)}`,
  );
}
