import { padded, Type } from '../tar/block.ts';
import { withRoom } from './growable.ts';

/** What an inode is, as far as applying layers cares; devices and fifos are `other`. */
export const Kind = { file: 0, directory: 1, symlink: 2, other: 3, whiteout: 4 } as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** No entry made it: an implied directory, or a whiteout that is kept. */
const NO_LAYER = 0xffff;
const LINKED = 1;
const VERBATIM = 2;

/** Where the blocks of an inode's entry lie in its layer. */
export interface EntryBlocks {
  readonly start: number;
  readonly header: number;
  readonly data: number;
  /** Bytes of data. */
  readonly size: number;
  /** Just behind the padded data. */
  readonly end: number;
}

/**
 * The inodes: one for each entry that brings content or metadata, in the order of layers and entries. Kept in
 * typed arrays, since there may be millions.
 */
export class Inodes {
  #count = 0;
  #kind = new Uint8Array(1024);
  #flags = new Uint8Array(1024);
  #layer = new Uint16Array(1024);
  #home = new Int32Array(1024);
  #start = new Float64Array(1024);
  #headerLength = new Uint32Array(1024);
  #extendedLength = new Uint32Array(1024);
  #size = new Float64Array(1024);

  get count(): number {
    return this.#count;
  }

  /**
   * An inode from an entry of a layer (counted from 0, lowest precedence first). `verbatim`: its blocks can be
   * passed on as they are under the path that they spell.
   */
  add(kind: Kind, layer: number, blocks: EntryBlocks, verbatim: boolean): number {
    const inode = this.#push(kind, layer, verbatim ? VERBATIM : 0);
    this.#start[inode] = blocks.start;
    this.#extendedLength[inode] = blocks.header - blocks.start;
    this.#headerLength[inode] = blocks.data - blocks.start;
    this.#size[inode] = blocks.size;
    return inode;
  }

  addImplied(kind: typeof Kind.directory | typeof Kind.whiteout): number {
    return this.#push(kind, NO_LAYER, 0);
  }

  #push(kind: Kind, layer: number, flags: number): number {
    const inode = this.#count++;
    this.#kind = withRoom(this.#kind, inode);
    this.#flags = withRoom(this.#flags, inode);
    this.#layer = withRoom(this.#layer, inode);
    this.#home = withRoom(this.#home, inode);
    this.#start = withRoom(this.#start, inode);
    this.#headerLength = withRoom(this.#headerLength, inode);
    this.#extendedLength = withRoom(this.#extendedLength, inode);
    this.#size = withRoom(this.#size, inode);
    this.#kind[inode] = kind;
    this.#layer[inode] = layer;
    this.#flags[inode] = flags;
    this.#home[inode] = -1;
    return inode;
  }

  kind(inode: number): Kind {
    return this.#kind[inode] as Kind;
  }

  /** The node whose path the inode's own entry spells. */
  home(inode: number): number {
    return this.#home[inode];
  }

  setHome(inode: number, node: number): void {
    this.#home[inode] = node;
  }

  /** A hard link gave it, at some time, a second name. */
  isLinked(inode: number): boolean {
    return (this.#flags[inode] & LINKED) !== 0;
  }

  setLinked(inode: number): void {
    this.#flags[inode] |= LINKED;
  }

  isVerbatim(inode: number): boolean {
    return (this.#flags[inode] & VERBATIM) !== 0;
  }

  isImplied(inode: number): boolean {
    return this.#layer[inode] === NO_LAYER;
  }

  layer(inode: number): number {
    return this.#layer[inode];
  }

  /** Not for implied inodes. */
  blocks(inode: number): EntryBlocks {
    const start = this.#start[inode];
    const data = start + this.#headerLength[inode];
    const size = this.#size[inode];
    return { start, header: start + this.#extendedLength[inode], data, size, end: data + padded(size) };
  }
}

/** The kind of an entry's inode; hard links have none of their own. */
export function kindOf(type: number): Kind {
  switch (type) {
    case Type.directory:
      return Kind.directory;
    case Type.symlink:
      return Kind.symlink;
    case Type.character:
    case Type.block:
    case Type.fifo:
      return Kind.other;
    default:
      return Kind.file;
  }
}
