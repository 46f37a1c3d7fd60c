import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { FileTree, Inode } from './file-tree.ts';
import { type EntryHeader, packEntry, packStream } from './pack-entry.ts';

/** All entries carry this time, so that the same files make the same image. 2025-01-01. */
export const imageTime = 1_735_689_600;

/** Bytes of a file up to which it is read in one go: most files are small, and a stream for each costs time. */
const heldWhole = 1024 * 1024;

export interface WrittenLayer {
  readonly file: string;
  readonly size: number;
  /** sha256 of the tar, in hex: the layer's diff id. */
  readonly sha256: string;
  readonly createdBy: string;
}

/** Writes one layer's tar and does to the tree what the layer does to those below it. */
export class LayerWriter {
  readonly #pack: Pack = pack();
  readonly #hash = createHash('sha256');
  readonly #tree: FileTree;
  readonly #written: Promise<void>;
  readonly #layer: { readonly file: string; readonly createdBy: string };
  #size = 0;

  constructor(tree: FileTree, layer: { file: string; createdBy: string }, signal: AbortSignal) {
    this.#tree = tree;
    this.#layer = layer;
    const count = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        this.#hash.update(chunk);
        this.#size += chunk.length;
        done(null, chunk);
      },
    });
    this.#written = pipeline(this.#pack, count, createWriteStream(layer.file), { signal });
    // Told by `finish`; until then a failed pipeline makes the entries fail.
    this.#written.catch(() => {});
  }

  async directory(path: string, mode = 0o755): Promise<void> {
    await this.#entry({ name: `${path}/`, type: 'directory', mode });
    this.#tree.put(path, inode('directory', mode));
  }

  async text(path: string, content: string, mode = 0o644): Promise<void> {
    const bytes = Buffer.from(content);
    await this.#entry({ name: path, type: 'file', mode, size: bytes.length }, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#tree.put(path, { ...inode('file', mode), size: bytes.length, sha256 });
  }

  async symlink(path: string, linkTarget: string): Promise<void> {
    await this.#entry({ name: path, type: 'symlink', mode: 0o777, linkname: linkTarget });
    this.#tree.put(path, { ...inode('symlink', 0o777), linkTarget });
  }

  /** One more name for a file of this layer or of one below. */
  async hardLink(path: string, existing: string): Promise<void> {
    const target = this.#tree.at(existing);
    if (target === undefined) throw new Error(`no ${existing} to link ${path} to`);
    await this.#entry({ name: path, type: 'link', mode: target.mode, linkname: existing });
    this.#tree.put(path, target);
  }

  /** A whiteout. OCI layer.md, Whiteouts. */
  async remove(path: string): Promise<void> {
    const slash = path.lastIndexOf('/');
    const name = `${path.slice(0, slash + 1)}.wh.${path.slice(slash + 1)}`;
    await this.#entry({ name, type: 'file', mode: 0o644 });
    this.#tree.remove(path);
  }

  /** The directory again, without anything that the layers below have in it. OCI layer.md, Opaque Whiteout. */
  async emptied(path: string): Promise<void> {
    await this.directory(path);
    await this.#entry({ name: `${path}/.wh..wh..opq`, type: 'file', mode: 0o644 });
    this.#tree.empty(path);
  }

  /** A real file of this machine. */
  async file(path: string, source: string): Promise<void> {
    const { size, mode } = await stat(source);
    const kept = (mode & 0o100) === 0 ? 0o644 : 0o755;
    const own = { name: path, type: 'file', mode: kept, size } as const;
    const sha256 = await (size <= heldWhole ? this.#held(own, source) : this.#streamed(own, source));
    this.#tree.put(path, { ...inode('file', kept), size, sha256 });
  }

  /** A real folder of this machine with all that is in it, in the order of the names' bytes. */
  async folder(path: string, source: string): Promise<void> {
    await this.directory(path);
    const entries = await readdir(source, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const [to, from] = [`${path}/${entry.name}`, join(source, entry.name)];
      if (entry.isDirectory()) await this.folder(to, from);
      else if (entry.isSymbolicLink()) await this.symlink(to, await readlink(from));
      else if (entry.isFile()) await this.file(to, from);
    }
  }

  async finish(): Promise<WrittenLayer> {
    this.#pack.finalize();
    await this.#written;
    return { ...this.#layer, size: this.#size, sha256: this.#hash.digest('hex') };
  }

  async #held(own: EntryHeader, source: string): Promise<string> {
    const content = await readFile(source);
    await this.#entry(own, content);
    return createHash('sha256').update(content).digest('hex');
  }

  async #streamed(own: EntryHeader & { size: number }, source: string): Promise<string> {
    const hash = createHash('sha256');
    const digested = async function* () {
      for await (const chunk of createReadStream(source, { highWaterMark: heldWhole })) {
        hash.update(chunk);
        yield chunk;
      }
    };
    await packStream(this.#pack, { ...header, ...own }, digested());
    return hash.digest('hex');
  }

  #entry(own: EntryHeader, content?: Buffer): Promise<void> {
    return packEntry(this.#pack, { ...header, ...own }, content);
  }
}

const header = { uid: 0, gid: 0, uname: 'root', gname: 'root', mtime: new Date(imageTime * 1000) } as const;

function inode(kind: Inode['kind'], mode: number): Inode {
  return { kind, mode, mtime: imageTime, owner: '0:0' };
}
