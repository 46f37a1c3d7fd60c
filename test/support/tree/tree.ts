/**
 * A file tree in a canonical form, so that trees from tars and from folders can be compared. Paths and link targets
 * are bytes, held as latin1 text; the root is the empty path, and no path starts or ends with a slash.
 */

export type NodeType = 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket' | 'broken';

/** What names point to. Hard links are several names of one node. */
export interface Node {
  readonly type: NodeType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  /** Values in hex. */
  readonly xattrs: Readonly<Record<string, string>>;
  /** Files only. */
  readonly size?: number;
  readonly sha256?: string;
  /** A symlink's target; of a broken hard link, the target that was not there. */
  readonly link?: string;
  /** `major:minor`. */
  readonly device?: string;
  /** A directory that exists only because something lies in it: nothing is known of it. */
  readonly implied?: true;
}

export class Tree {
  readonly #nodes = new Map<string, Node>();
  /** What an extractor would stumble over or do silently: duplicates, children before parents, … */
  readonly problems: string[] = [];

  get size(): number {
    return this.#nodes.size;
  }

  get(path: string): Node | undefined {
    return this.#nodes.get(path);
  }

  /** By bytes, so that two trees list in the same order. */
  paths(): string[] {
    return [...this.#nodes.keys()].sort();
  }

  /** Puts a node at a path as an extractor does: a directory on a directory keeps its children, else all goes. */
  put(path: string, node: Node): void {
    const old = this.#nodes.get(path);
    if (old !== undefined && !(old.type === 'directory' && node.type === 'directory')) this.remove(path);
    this.#nodes.set(path, node);
  }

  remove(path: string): void {
    if (this.#nodes.get(path)?.type === 'directory') {
      for (const other of [...this.#nodes.keys()]) if (isBelow(other, path)) this.#nodes.delete(other);
    }
    this.#nodes.delete(path);
  }

  /** For each node with more than one name, all its names. */
  hardLinkGroups(): Map<Node, string[]> {
    const names = new Map<Node, string[]>();
    for (const path of this.paths()) {
      const node = this.#nodes.get(path);
      if (node !== undefined && node.type !== 'directory')
        names.set(node, [...(names.get(node) ?? []), path]);
    }
    return new Map([...names].filter(([, group]) => group.length > 1));
  }
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

/** The folder that holds `path`; undefined for the root. */
export function parentOf(path: string): string | undefined {
  if (path === '') return undefined;
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

/** A path for people: bytes beyond printable ASCII as `\xNN`, the root as `.`. */
export function shown(path: string): string {
  if (path === '') return '.';
  return path.replace(/[^\x20-\x7e]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
