import { createHash } from 'node:crypto';
import { type Node, type NodeType, Tree } from '../tree/tree.ts';
import { bytes, type LayerEntry } from './layer-entry.ts';

/** What the rules call an error, with the code that the project gives it. */
export class RuleFault extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

interface Named {
  readonly node: Node;
  /** Number of the layer and of the entry in it that gave the name last, or lies below it. */
  readonly layer: number;
  readonly order: number;
}

interface WaitingLink {
  readonly entry: LayerEntry;
  readonly order: number;
}

const MOST_HOPS = 40;
const aufsMetadata = ['.wh..wh.plnk', '.wh..wh.aufs', '.wh..wh.orph'];

/**
 * The rules of flattening, written down as plainly as they can be: a table of paths, over which entries are applied
 * one by one. It judges the engine, so it shares no code and no cleverness with it. Paths are latin1 text.
 */
export class ReferenceTree {
  #names = new Map<string, Named>();
  #layer = 0;
  #order = 0;
  #waiting: WaitingLink[] = [];

  clone(): ReferenceTree {
    const copy = new ReferenceTree();
    copy.#names = new Map(this.#names);
    copy.#layer = this.#layer;
    copy.#order = this.#order;
    copy.#waiting = [...this.#waiting];
    return copy;
  }

  /** Throws `RuleFault`. */
  applyLayer(entries: readonly LayerEntry[]): void {
    this.begin();
    for (const entry of entries) this.apply(entry);
    this.end();
  }

  begin(): void {
    this.#layer++;
    this.#order = 0;
  }

  /** Hard links whose targets came late: whatever is there now counts. */
  end(): void {
    let waiting = this.#waiting;
    this.#waiting = [];
    while (waiting.length > 0) {
      const still = waiting.filter(({ entry, order }) => {
        this.#order = order;
        return !this.#link(entry);
      });
      if (still.length === waiting.length) throw new RuleFault('HARDLINK_INVALID');
      waiting = still;
    }
  }

  apply(entry: LayerEntry): void {
    this.#order++;
    const components = cleaned(entry.name);
    const base = components.at(-1);
    const parents = components.slice(0, -1);
    if (base === undefined) this.#applyRoot(entry);
    else if (aufsMetadata.includes(components[0] ?? '')) this.#put(components, entry);
    // A whiteout may be a directory; what that directory holds is no part of the tree.
    else if (parents.some((name) => name.startsWith('.wh.'))) return;
    else if (base.startsWith('.wh.')) this.#hide(parents, base);
    else this.#put(components, entry);
  }

  #hide(parents: readonly string[], base: string): void {
    const parent = this.#directory(parents, 'find');
    if (base === '.wh..wh..opq') {
      if (parent !== undefined) this.#removeLower(parent, false);
      return;
    }
    const hidden = base.slice('.wh.'.length);
    if (['', '.', '..'].includes(hidden)) throw new RuleFault('WHITEOUT_INVALID');
    if (parent !== undefined) this.#removeLower(joined(parent, hidden), true);
  }

  #applyRoot(entry: LayerEntry): void {
    if (entry.type !== '5') throw new RuleFault('LAYER_INVALID');
    this.#names.set('', { node: nodeOf(entry), layer: this.#layer, order: this.#order });
  }

  #put(components: readonly string[], entry: LayerEntry): void {
    if (entry.type !== '1') this.#give(components, nodeOf(entry));
    else if (!this.#link(entry)) this.#waiting.push({ entry, order: this.#order });
  }

  /** False if the target is not there. */
  #link(entry: LayerEntry): boolean {
    const target = cleaned(entry.link ?? '');
    const base = target.at(-1);
    if (base === undefined) throw new RuleFault('HARDLINK_INVALID');
    const folder = this.#directory(target.slice(0, -1), 'find');
    const node = folder === undefined ? undefined : this.#names.get(joined(folder, base))?.node;
    if (node === undefined) return false;
    if (node.type === 'directory') throw new RuleFault('HARDLINK_INVALID');
    this.#give(cleaned(entry.name), node);
    return true;
  }

  #give(components: readonly string[], node: Node): void {
    const parent = this.#directory(components.slice(0, -1), 'make');
    if (parent === undefined) return;
    const path = joined(parent, components.at(-1) ?? '');
    const old = this.#names.get(path);
    // A link that waited: an entry of its name behind it in the tar counts more.
    if (old?.layer === this.#layer && old.order > this.#order) return;
    if (old !== undefined && !(old.node.type === 'directory' && node.type === 'directory'))
      this.#remove(path, () => true);
    this.#names.set(path, { node, layer: this.#layer, order: this.#order });
    this.#touchParents(path);
  }

  /** What an entry lands in is the layer's own from then on. */
  #touchParents(path: string): void {
    for (let at = parentOf(path); at !== undefined && at !== ''; at = parentOf(at)) {
      const named = this.#names.get(at);
      if (named === undefined || (named.layer === this.#layer && named.order > this.#order)) continue;
      this.#names.set(at, { node: named.node, layer: this.#layer, order: this.#order });
    }
  }

  #removeLower(path: string, itself: boolean): void {
    this.#remove(path, (name, { layer }) => layer !== this.#layer && (itself || name !== path));
  }

  #remove(path: string, which: (name: string, named: Named) => boolean): void {
    for (const [name, named] of [...this.#names]) {
      if (name === '' || !(name === path || path === '' || name.startsWith(`${path}/`))) continue;
      if (which(name, named)) this.#names.delete(name);
    }
  }

  /**
   * The path of the directory that the components lead to, symlinks followed inside the root. `make`: what is missing
   * or no directory becomes one, but none of a whiteout's name; a loop is an error.
   */
  #directory(components: readonly string[], mode: 'find' | 'make'): string | undefined {
    let path = '';
    let hops = 0;
    const ahead = [...components];
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      if (name === '..') {
        path = parentOf(path) ?? '';
        continue;
      }
      const next = joined(path, name);
      const node = this.#names.get(next)?.node;
      if (node?.type === 'symlink') {
        if (++hops > MOST_HOPS) {
          if (mode === 'find') return undefined;
          throw new RuleFault('SYMLINK_LOOP');
        }
        const target = node.link ?? '';
        if (target.startsWith('/')) path = '';
        ahead.unshift(...target.split('/').filter((part) => part !== '' && part !== '.'));
        continue;
      }
      if (node?.type !== 'directory') {
        if (mode === 'find') return undefined;
        if (name.startsWith('.wh.') && !aufsMetadata.includes(next)) return undefined;
        this.#remove(next, () => true);
        this.#names.set(next, { node: impliedDirectory(), layer: this.#layer, order: this.#order });
        this.#touchParents(next);
      }
      path = next;
    }
    return path;
  }

  /** What the way to an entry's directory leads over, for judges that have rules of their own for it. */
  way(name: string): 'directories' | 'symlinks' | 'nowhere' {
    const steps = cleaned(name).slice(0, -1);
    for (let depth = 1; depth <= steps.length; depth++) {
      const type = this.#names.get(steps.slice(0, depth).join('/'))?.node.type;
      if (type === undefined) return 'directories';
      if (type === 'symlink') return this.#directory(steps, 'find') === undefined ? 'nowhere' : 'symlinks';
      if (type !== 'directory') return 'nowhere';
    }
    return 'directories';
  }

  /** All paths and what they stand for, AUFS's own files left out. */
  paths(): Map<string, Node> {
    const visible = [...this.#names].filter(([path]) => !aufsMetadata.includes(path.split('/')[0] ?? ''));
    return new Map(visible.map(([path, { node }]) => [path, node]));
  }

  tree(): Tree {
    const tree = new Tree();
    for (const [path, node] of this.paths()) tree.put(path, node);
    return tree;
  }
}

/** Root-relative components: empty ones and `.` go, `..` stops at the root. */
export function cleaned(name: string): string[] {
  const components: string[] = [];
  for (const component of name.split('/')) {
    if (component === '..') components.pop();
    else if (component !== '' && component !== '.') components.push(component);
  }
  return components;
}

function joined(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}

function parentOf(path: string): string | undefined {
  if (path === '') return undefined;
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

function impliedDirectory(): Node {
  return { type: 'directory', mode: 0o755, uid: 0, gid: 0, mtime: 0n, xattrs: {} };
}

const types: Readonly<Record<Exclude<LayerEntry['type'], '1'>, NodeType>> = {
  '0': 'file',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'directory',
  '6': 'fifo',
  '7': 'file',
};

function nodeOf(entry: LayerEntry): Node {
  if (entry.type === '1') throw new Error('a hard link has no node of its own');
  const { mode, uid, gid, xattrs = {} } = entry;
  const hex = Object.entries(xattrs).map(([key, value]) => [key, bytes(value).toString('hex')]);
  const type = types[entry.type];
  const node = { type, mode, uid, gid, mtime: mtimeOf(entry), xattrs: Object.fromEntries(hex) };
  if (type === 'symlink') return { ...node, link: entry.link ?? '' };
  if (type === 'char' || type === 'block')
    return { ...node, device: `${entry.device?.major}:${entry.device?.minor}` };
  if (type !== 'file') return node;
  const content = contentOf(entry);
  return { ...node, size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Sparse files with their holes filled. */
function contentOf({ content = '', sparse }: LayerEntry): Buffer {
  if (sparse === undefined) return bytes(content);
  const whole = Buffer.alloc(sparse.size);
  for (const piece of sparse.pieces) bytes(piece.content).copy(whole, piece.offset);
  return whole;
}

/** GNU headers hold whole seconds. */
function mtimeOf({ mtime, dialect, sparse }: LayerEntry): bigint {
  const whole = Math.floor(mtime);
  const isGnu = sparse === undefined ? dialect === 'gnu' : sparse.form === 'gnu-old';
  const fraction = isGnu ? 0 : mtime - whole;
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.round(fraction * 1e9));
}
