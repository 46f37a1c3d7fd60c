import { DimgxError } from '../errors.ts';
import { overLimit, show } from '../tar/faults.ts';
import { PathComponents } from '../tar/path.ts';
import type { TarEntry } from '../tar/reader.ts';
import { type Inodes, Kind } from './inodes.ts';
import type { Limits } from './limits.ts';
import type { Imply, Resolver } from './resolve.ts';
import type { Tree } from './tree.ts';
import type { TreeEditor } from './tree-editor.ts';

const NONE = -1;
const TRIES_BETWEEN_CHECKS = 4096;

/** A hard link whose target had not come yet. */
interface DeferredLink {
  readonly path: Buffer;
  readonly target: Buffer;
  /** Its own number. */
  readonly entry: number;
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
  readonly #mostRounds: number;
  #deferred: DeferredLink[] = [];
  /** What the names of links take that wait for their targets. */
  deferredBytes = 0;

  constructor(context: LinkContext, { pathDepth, symlinkHops }: Limits) {
    this.#context = context;
    this.#path = new PathComponents(pathDepth);
    this.#target = new PathComponents(pathDepth);
    this.#mostRounds = symlinkHops;
  }

  /** A link to what is not there yet waits for `applyDeferred`. */
  apply(entry: TarEntry): void {
    const inode = this.#find(entry.path, entry.link);
    if (inode !== NONE) {
      this.#name(entry.path, inode);
      return;
    }
    const { editor } = this.#context;
    const [path, target] = [Buffer.from(entry.path), Buffer.from(entry.link)];
    this.#deferred.push({ path, target, entry: editor.entry });
    this.deferredBytes += path.length + target.length;
    editor.linksWait = true;
  }

  /**
   * To be called at the layer's end. Links may wait for links, so there are rounds, until none gets further. `check`
   * is called now and then, and throws to end the work.
   */
  applyDeferred(check: (path: Buffer) => void): void {
    const { editor } = this.#context;
    const last = editor.entry;
    let waiting = this.#deferred;
    this.#deferred = [];
    this.deferredBytes = 0;
    let tries = 0;
    for (let round = 0; waiting.length > 0; round++) {
      // A hostile order needs as many rounds as there are links.
      if (round === this.#mostRounds) {
        throw overLimit('hard links wait for hard links that wait', 'symlinkHops', this.#mostRounds);
      }
      const still = waiting.filter((link) => {
        if (++tries % TRIES_BETWEEN_CHECKS === 0) check(link.path);
        return !this.#applyNow(link);
      });
      if (still.length === waiting.length) {
        const [{ path, target }] = still;
        const message = `the hard link ${show(path)} leads to ${show(target)}, which is not there`;
        throw new DimgxError('HARDLINK_INVALID', message);
      }
      waiting = still;
    }
    editor.entry = last;
    editor.linksWait = false;
  }

  #applyNow({ path, target, entry }: DeferredLink): boolean {
    const inode = this.#find(path, target);
    if (inode === NONE) return false;
    this.#context.editor.entry = entry;
    if (!this.#isGivenSince(path, entry)) this.#name(path, inode);
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
    if (parent === NONE) return;
    const existing = tree.find(parent, path.bytes, path.starts[last], path.ends[last]);
    // A link to itself, or again to what it is: the name is the layer's own now, and nothing else changes.
    if (existing !== NONE && tree.inode(existing) === inode) editor.give(existing, inode);
    else editor.name(parent, path.component(last), inode);
    inodes.setLinked(inode);
  }

  /** The last entry of a name wins, and the name came again behind the link. */
  #isGivenSince(raw: Buffer, entry: number): boolean {
    const { tree, resolver } = this.#context;
    const path = this.#path;
    path.parse(raw);
    const last = path.count - 1;
    const parent = resolver.directory(path, last, undefined);
    const node = parent === NONE ? NONE : tree.find(parent, path.bytes, path.starts[last], path.ends[last]);
    return node !== NONE && tree.given(node) > entry;
  }
}

function linkToDirectory(path: Buffer, target: Buffer): DimgxError {
  return new DimgxError(
    'HARDLINK_INVALID',
    `the hard link ${show(path)} leads to a directory, ${show(target)}`,
  );
}
