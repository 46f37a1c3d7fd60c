/** What one or several names stand for. Names that share an inode are hard links of each other. */
export interface Inode {
  readonly kind: 'file' | 'directory' | 'symlink' | 'other';
  readonly mode: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly owner: string;
  /** Of files: bytes, and the sha256 in hex. */
  readonly size?: number;
  readonly sha256?: string;
  /** Of symlinks. */
  readonly linkTarget?: string;
}

/** A root filesystem by its paths, which have no leading or trailing slash; the root is not among them. */
export class FileTree {
  readonly #inodes = new Map<string, Inode>();

  get size(): number {
    return this.#inodes.size;
  }

  at(path: string): Inode | undefined {
    return this.#inodes.get(path);
  }

  /** Gives the inode a name. A directory that comes upon a directory keeps what is in it; all else replaces. */
  put(path: string, inode: Inode): void {
    if (inode.kind !== 'directory') this.remove(path);
    this.#inodes.set(path, inode);
  }

  /** Takes a name away, and all that is below it. */
  remove(path: string): void {
    if (this.at(path)?.kind === 'directory') this.empty(path);
    this.#inodes.delete(path);
  }

  /** Takes away what is below a directory. */
  empty(path: string): void {
    for (const name of this.#inodes.keys()) {
      if (name.startsWith(`${path}/`)) this.#inodes.delete(name);
    }
  }

  /** One line a name, all that counts in it: equal trees have equal lines. */
  lines(): Map<string, string> {
    const firstNames = new Map<Inode, string>();
    const lines = new Map<string, string>();
    for (const path of [...this.#inodes.keys()].sort()) {
      const inode = this.at(path);
      if (inode === undefined) continue;
      const first = firstNames.get(inode) ?? path;
      firstNames.set(inode, first);
      lines.set(path, describe(inode, first === path ? '' : first));
    }
    return lines;
  }
}

function describe(inode: Inode, linkOf: string): string {
  const { kind, mode, mtime, owner, size = '', sha256 = '', linkTarget = '' } = inode;
  // A symlink has no mode of its own.
  const shown = kind === 'symlink' ? '' : mode.toString(8);
  return [kind, shown, owner, mtime, size, sha256, linkTarget, linkOf].join(' ');
}

/** What differs between two trees, one line each. */
export function treeDifferences(expected: FileTree, actual: FileTree): string[] {
  const wanted = expected.lines();
  const found = actual.lines();
  const differences: string[] = [];
  for (const [path, line] of wanted) {
    const other = found.get(path);
    if (other === undefined) differences.push(`${path} is missing`);
    else if (other !== line) differences.push(`${path} is "${other}", not "${line}"`);
  }
  for (const path of found.keys()) {
    if (!wanted.has(path)) differences.push(`${path} should not be there`);
  }
  return differences;
}
