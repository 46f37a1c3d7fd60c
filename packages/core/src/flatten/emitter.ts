import type { FileRegion } from '../image/file-region.ts';
import { Type } from '../tar/block.ts';
import { END_OF_ARCHIVE, hardlinkHeader, plainHeader, renamedHeader } from '../tar/encode.ts';
import type { BlockWriter } from './block-writer.ts';
import type { HeaderStore } from './header-store.ts';
import { fillFromLayer } from './layer-bytes.ts';
import type { OutputStep } from './output-order.ts';
import type { Tree } from './tree.ts';
import { OPAQUE_NAME, whiteoutName } from './whiteout.ts';

const SLASH = Buffer.from('/');
const ROOT_NAME = Buffer.from('.');

/** Turns the steps of the output into the bytes of the tar. */
export class Emitter {
  readonly #tree: Tree;
  readonly #layers: readonly FileRegion[];
  readonly #headers: HeaderStore;
  readonly #out: BlockWriter;
  #onBlock: () => void = () => {};

  constructor(tree: Tree, layers: readonly FileRegion[], headers: HeaderStore, out: BlockWriter) {
    this.#tree = tree;
    this.#layers = layers;
    this.#headers = headers;
    this.#out = out;
  }

  /**
   * Writes all steps and the end of the archive; waits for the writer whenever it is full. `onBlock` is called when
   * a block is full, and throws when the work shall end.
   */
  async emit(steps: Iterable<OutputStep>, onBlock: () => void): Promise<void> {
    this.#onBlock = onBlock;
    for (const step of steps) {
      if (step.kind === 'copy') await this.#copy(this.#layers[step.layer], step.start, step.end);
      else await this.#write(this.#header(step));
    }
    await this.#write(END_OF_ARCHIVE);
  }

  async #copy(layer: FileRegion, start: number, end: number): Promise<void> {
    let position = start;
    while (position < end) {
      const room = this.#out.room();
      const part = room.length > end - position ? room.subarray(0, end - position) : room;
      fillFromLayer(layer, part, position);
      position += part.length;
      await this.#advance(part.length);
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    let position = 0;
    while (position < bytes.length) {
      const count = bytes.copy(this.#out.room(), 0, position);
      position += count;
      await this.#advance(count);
    }
  }

  async #advance(count: number): Promise<void> {
    const full = this.#out.advance(count);
    if (full === undefined) return;
    await full;
    this.#onBlock();
  }

  #header(step: Exclude<OutputStep, { kind: 'copy' }>): Buffer {
    const path = this.#tree.path(step.node);
    switch (step.kind) {
      case 'rename':
        return renamedHeader(this.#headers.read(step.inode), path.length === 0 ? ROOT_NAME : path);
      case 'link':
        return hardlinkHeader(this.#headers.read(step.inode), path, this.#tree.path(step.target));
      case 'implied':
        return plainHeader(Type.directory, path, 0o755);
      case 'whiteout':
        return plainHeader(Type.file, this.#inParent(step.node), 0o644);
      case 'opaque':
        return plainHeader(Type.file, path.length === 0 ? OPAQUE_NAME : join(path, OPAQUE_NAME), 0o644);
    }
  }

  #inParent(node: number): Buffer {
    const parent = this.#tree.path(this.#tree.parent(node));
    const name = whiteoutName(this.#tree.name(node));
    return parent.length === 0 ? name : join(parent, name);
  }
}

function join(directory: Buffer, name: Buffer): Buffer {
  return Buffer.concat([directory, SLASH, name]);
}
