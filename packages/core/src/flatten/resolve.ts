import { DimgxError } from '../errors.ts';
import { limitAdvice, overLimit, show } from '../tar/faults.ts';
import { type PathComponents, targetComponents } from '../tar/path.ts';
import { type Inodes, Kind } from './inodes.ts';
import type { Limits } from './limits.ts';
import { ROOT, type Tree } from './tree.ts';

const NONE = -1;

/** Gives a symbolic link's target, read from its layer. */
export type ReadLink = (inode: number) => Buffer;

/**
 * Makes an implied directory for a name that a path goes through: missing (`existing` is -1), or no directory so
 * far. -1 says that there shall be none.
 */
export type Imply = (parent: number, name: Buffer, existing: number) => number;

/**
 * Finds the directory that a path's parents lead to, symbolic links followed inside the root: `..` stops there and
 * absolute targets begin there, so nothing outside is ever named.
 */
export class Resolver {
  readonly #tree: Tree;
  readonly #inodes: Inodes;
  readonly #readLink: ReadLink;
  readonly #limits: Limits;
  #lastParent = Buffer.alloc(0);
  #lastNode = ROOT;

  constructor(tree: Tree, inodes: Inodes, readLink: ReadLink, limits: Limits) {
    this.#tree = tree;
    this.#inodes = inodes;
    this.#readLink = readLink;
    this.#limits = limits;
  }

  /** Whether the last path resolved went through a symbolic link, so that it is not the path of its node. */
  throughSymlink = false;

  /**
   * The directory of the first `count` components. With `imply`, what is missing is made. -1 says that there is
   * no such directory; if not `strict`, also that symbolic links go round in a circle. Throws `SYMLINK_LOOP` or
   * `LIMIT_EXCEEDED`.
   */
  directory(
    path: PathComponents,
    count: number,
    imply: Imply | undefined,
    strict = imply !== undefined,
  ): number {
    this.throughSymlink = false;
    const end = count === 0 ? 0 : path.ends[count - 1];
    if (end > 0 && this.#isLast(path.bytes, end)) return this.#lastNode;
    let node = ROOT;
    for (let i = 0; i < count; i++) {
      const child = this.#tree.find(node, path.bytes, path.starts[i], path.ends[i]);
      if (child !== NONE && this.#tree.isDirectory(child)) {
        node = child;
      } else if (child !== NONE && this.#isSymlink(child)) {
        const rest = Array.from({ length: count - i }, (_, k) => path.component(i + k));
        return this.#walk(node, rest, imply, strict);
      } else {
        if (imply === undefined) return NONE;
        node = imply(node, path.component(i), child);
        if (node === NONE) return NONE;
      }
    }
    if (end > 0) this.#remember(path.bytes, end, node);
    return node;
  }

  #isLast(bytes: Buffer, end: number): boolean {
    const last = this.#lastParent;
    return (
      end === last.length &&
      this.#tree.isDirectory(this.#lastNode) &&
      bytes.compare(last, 0, end, 0, end) === 0
    );
  }

  /** Entries come in runs of one directory. A living node's path is what it was: nodes never move. */
  #remember(bytes: Buffer, end: number, node: number): void {
    this.#lastParent = Buffer.from(bytes.subarray(0, end));
    this.#lastNode = node;
  }

  #isSymlink(node: number): boolean {
    return this.#inodes.kind(this.#tree.inode(node)) === Kind.symlink;
  }

  #walk(from: number, components: Buffer[], imply: Imply | undefined, strict: boolean): number {
    this.throughSymlink = true;
    const pending = components.toReversed();
    let node = from;
    let hops = 0;
    const mostSteps = this.#limits.pathBytes;
    let steps = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      // Each of many links may have a thousand names in its target, and that for every entry.
      if (++steps > mostSteps) {
        if (!strict) return NONE;
        const what = `symbolic links lead over more than ${mostSteps} names from ${show(this.#tree.path(from))}`;
        throw overLimit(what, 'pathBytes', mostSteps);
      }
      if (name.length === 2 && name[0] === 0x2e && name[1] === 0x2e) {
        if (node !== ROOT) node = this.#tree.parent(node);
        continue;
      }
      const child = this.#tree.find(node, name, 0, name.length);
      if (child !== NONE && this.#tree.isDirectory(child)) {
        node = child;
      } else if (child !== NONE && this.#isSymlink(child)) {
        if (++hops > this.#limits.symlinkHops) {
          if (!strict) return NONE;
          const what = `symbolic links go on and on, or round in a circle, at ${show(this.#tree.path(child))}`;
          throw new DimgxError('SYMLINK_LOOP', `${what}: ${limitAdvice('symlinkHops', hops - 1)}`);
        }
        const target = targetComponents(this.#readLink(this.#tree.inode(child)));
        if (target.absolute) node = ROOT;
        pending.push(...target.components.toReversed());
      } else {
        if (imply === undefined) return NONE;
        node = imply(node, name, child);
        if (node === NONE) return NONE;
      }
    }
    if (imply !== undefined) this.#checkDepth(node);
    return node;
  }

  /** Links can lead deeper than any one path says. */
  #checkDepth(node: number): void {
    const { pathDepth, pathBytes } = this.#limits;
    let depth = 0;
    for (let at = node; at !== ROOT; at = this.#tree.parent(at)) depth++;
    if (depth >= pathDepth) {
      throw overLimit(`symbolic links lead ${depth} directories deep`, 'pathDepth', pathDepth);
    }
    const path = this.#tree.path(node);
    if (path.length > pathBytes) {
      const what = `symbolic links lead to a path of ${path.length} bytes, ${show(path)}`;
      throw overLimit(what, 'pathBytes', pathBytes);
    }
  }
}
