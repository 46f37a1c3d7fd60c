import { type SparseFile, sparseEntry } from './sparse-entry.ts';
import { bytesOf, encodeEntry, extendedHeader, type Name, paxRecord, type TarEntry } from './tar-entry.ts';

/** What an entry may say of itself; what it does not say is the same every time. */
export type Attributes = Partial<Omit<TarEntry, 'name' | 'type' | 'content' | 'link' | 'device'>>;

/** 2020-01-01T00:00:00Z. */
export const defaultMtime = 1_577_836_800;

/**
 * Builds a layer's tar, entry by entry, in the order of the calls. Names go in as they are given, however odd, but
 * that a directory's gets its `/`.
 *
 *     layer().directory('d').file('d/a', 'hello', { mode: 0o600 }).whiteout('d/b').tar()
 */
export function layer(): Layer {
  return new Layer([]);
}

export class Layer {
  readonly #parts: readonly Buffer[];

  constructor(parts: readonly Buffer[]) {
    this.#parts = parts;
  }

  file(name: Name, content: Name = '', attributes: Attributes = {}): Layer {
    return this.entry({ name, type: '0', content, ...attributes });
  }

  directory(name: Name, attributes: Attributes = {}): Layer {
    const bytes = bytesOf(name);
    const ended = bytes.at(-1) === 0x2f ? bytes : Buffer.concat([bytes, Buffer.from('/')]);
    return this.entry({ name: ended, type: '5', mode: 0o755, ...attributes });
  }

  symlink(name: Name, target: Name, attributes: Attributes = {}): Layer {
    return this.entry({ name, type: '2', link: target, mode: 0o777, ...attributes });
  }

  hardlink(name: Name, target: Name, attributes: Attributes = {}): Layer {
    return this.entry({ name, type: '1', link: target, ...attributes });
  }

  fifo(name: Name, attributes: Attributes = {}): Layer {
    return this.entry({ name, type: '6', ...attributes });
  }

  device(
    name: Name,
    kind: 'char' | 'block',
    major: number,
    minor: number,
    attributes: Attributes = {},
  ): Layer {
    return this.entry({ name, type: kind === 'char' ? '3' : '4', device: { major, minor }, ...attributes });
  }

  /** The entry that removes `path` of lower layers. OCI layer.md, Whiteouts. */
  whiteout(path: Name, attributes: Attributes = {}): Layer {
    const bytes = bytesOf(path);
    const slash = bytes.lastIndexOf('/') + 1;
    const name = Buffer.concat([bytes.subarray(0, slash), Buffer.from('.wh.'), bytes.subarray(slash)]);
    return this.file(name, '', attributes);
  }

  /** The entry that hides all that lower layers have in `folder`; '' is the root. OCI layer.md, Opaque Whiteout. */
  opaque(folder: Name, attributes: Attributes = {}): Layer {
    const bytes = bytesOf(folder);
    const prefix = bytes.length === 0 ? bytes : Buffer.concat([bytes, Buffer.from('/')]);
    return this.file(Buffer.concat([prefix, Buffer.from('.wh..wh..opq')]), '', attributes);
  }

  sparse(name: Name, file: SparseFile, form: 'gnu-old' | 'pax-1.0', attributes: Attributes = {}): Layer {
    return this.raw(...sparseEntry(completed({ name, type: '0', ...attributes }), file, form));
  }

  /** A PAX global header, which layers must not rely on. */
  globalHeader(records: Readonly<Record<string, Name>>): Layer {
    const all = Object.entries(records).map(([key, value]) => paxRecord(key, value));
    return this.raw(extendedHeader('g', Buffer.concat(all)));
  }

  /** Any entry, with any type flag, its name as it is. */
  entry(entry: Partial<TarEntry> & Pick<TarEntry, 'name' | 'type'>): Layer {
    return this.raw(...encodeEntry(completed(entry)));
  }

  /** Bytes as they are. */
  raw(...bytes: readonly Buffer[]): Layer {
    return new Layer([...this.#parts, ...bytes]);
  }

  /** The layer's tar, with the two zero blocks at its end unless `endBlocks` wants another number. */
  tar(endBlocks?: number): Buffer {
    return Buffer.concat(this.pieces(endBlocks));
  }

  /** What `tar` gives, uncopied. */
  pieces(endBlocks = 2): Buffer[] {
    return [...this.#parts, Buffer.alloc(endBlocks * 512)];
  }
}

function completed(entry: Partial<TarEntry> & Pick<TarEntry, 'name' | 'type'>): TarEntry {
  return { mode: 0o644, uid: 0, gid: 0, mtime: defaultMtime, dialect: 'pax', ...entry };
}
