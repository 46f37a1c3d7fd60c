import { close, constants, fstat, open, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';
import { DimgxError, systemCode } from '../errors.ts';
import type { FileRegion } from '../image/file-region.ts';
import { unreadable } from './archive-file.ts';
import { type Content, DocumentReader, quoted } from './content.ts';
import { OpenFiles, type Release } from './open-files.ts';

const openDescriptor = promisify(open);
const closeDescriptor = promisify(close);
const MAX_PATH = 1024;

/** An OCI layout in a folder: its files are opened as they are asked for, and stay open. OCI image-layout.md. */
export class OciFolder implements Content {
  readonly label: string;
  readonly cutOff = false;
  readonly #folder: string;
  readonly #files = new OpenFiles();
  readonly #regions = new Map<string, FileRegion | undefined>();
  readonly #documents: DocumentReader;

  private constructor(label: string, folder: string) {
    this.label = label;
    this.#folder = folder;
    this.#documents = new DocumentReader(label);
  }

  /** Throws `ARCHIVE_NOT_FOUND` or `ARCHIVE_UNREADABLE`. */
  static async open(path: string): Promise<OciFolder> {
    try {
      const folder = await realpath(path);
      if ((await stat(folder)).isDirectory()) return new OciFolder(path, folder);
    } catch (error) {
      throw unreadable(path, error);
    }
    const message = `${path} is not a folder; for an archive write oci-archive:${path}`;
    throw new DimgxError('ARCHIVE_UNREADABLE', message);
  }

  async find(path: string): Promise<FileRegion | undefined> {
    if (!this.#regions.has(path)) this.#regions.set(path, await this.#open(path));
    return this.#regions.get(path);
  }

  async read(path: string): Promise<Buffer | undefined> {
    const region = await this.find(path);
    return region && this.#documents.read(path, region);
  }

  /** Legacy images, which have to be searched for, come in archives alone. */
  paths(): Iterable<string> {
    return [];
  }

  missing(path: string, what: string): DimgxError {
    return new DimgxError('BLOB_MISSING', `${this.label} lacks ${what} (${quoted(path)})`);
  }

  hold(): Release {
    return this.#files.hold();
  }

  async #open(path: string): Promise<FileRegion | undefined> {
    if (path.length > MAX_PATH || path.includes('\0')) return undefined;
    const opened = await this.#openInside(join(this.#folder, path));
    if (opened === undefined) return undefined;
    this.#files.adopt(opened.fd);
    return { fd: opened.fd, offset: 0, size: opened.stats.size };
  }

  /** A link or a `..` that leads out of the folder finds nothing: layouts come from strangers. */
  async #openInside(path: string): Promise<{ fd: number; stats: Stats } | undefined> {
    try {
      const real = await realpath(path);
      if (!real.startsWith(this.#folder + sep)) return undefined;
      const fd = await openDescriptor(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
      const stats = await promisify(fstat)(fd);
      if (stats.isFile()) return { fd, stats };
      await closeDescriptor(fd);
      return undefined;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return undefined;
      throw unreadable(path, error);
    }
  }
}
