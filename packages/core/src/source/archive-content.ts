import { readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { DimgxError, type ErrorCode } from '../errors.ts';
import { type Limits, limitsWith } from '../flatten/limits.ts';
import type { FileRegion } from '../image/file-region.ts';
import { Type } from '../tar/block.ts';
import { limitAdvice } from '../tar/faults.ts';
import { type TarEntry, TarReader } from '../tar/reader.ts';
import { hasSparseRecords } from '../tar/sparse.ts';
import type { ArchiveFile } from './archive-file.ts';
import { type Content, DocumentReader, quoted } from './content.ts';
import type { Release } from './open-files.ts';
import type { ReadingBounds } from './source.ts';

type Member =
  | { readonly kind: 'file'; readonly offset: number; readonly size: number }
  | { readonly kind: 'symlink'; readonly target: string }
  /** Its data is not one run of bytes. */
  | { readonly kind: 'sparse' }
  | { readonly kind: 'other' };

/** Real archives have three members a layer; a root filesystem that somebody took for an image has more. */
const MAX_MEMBERS = 200_000;
const MAX_NAME_BYTES = 64 * 1024 * 1024;
/** Longer ones are in no manifest, and each of their components costs a look-up. */
const MAX_PATH = 1024;
const MEMBERS_PER_TURN = 2048;

/** What the tar reader says of a layer, said of an archive. */
const archiveCodes: Partial<Record<ErrorCode, ErrorCode>> = {
  LAYER_INVALID: 'ARCHIVE_INVALID',
  LAYER_TRUNCATED: 'ARCHIVE_TRUNCATED',
};

/** The members of an image archive, which stay where they lie in its file. */
export class ArchiveContent implements Content {
  readonly label: string;
  readonly #archive: ArchiveFile;
  readonly #members = new Map<string, Member>();
  readonly #documents: DocumentReader;
  readonly #limits: Limits;
  #cutOff = false;

  private constructor(archive: ArchiveFile, limits: Limits) {
    this.label = archive.label;
    this.#archive = archive;
    this.#limits = limits;
    this.#documents = new DocumentReader(archive.label);
  }

  /**
   * Reads the headers of the archive's members.
   *
   * Throws `ARCHIVE_INVALID`, `ARCHIVE_TRUNCATED`, `LIMIT_EXCEEDED` or the signal's reason.
   */
  static async scan(archive: ArchiveFile, bounds: ReadingBounds): Promise<ArchiveContent> {
    if (archive.size === 0) throw new DimgxError('ARCHIVE_INVALID', `${archive.label} is empty`);
    const { signal } = bounds;
    const limits = limitsWith(bounds.limits);
    const content = new ArchiveContent(archive, limits);
    const { fd } = archive;
    const readAt = (target: Uint8Array, position: number) => readSync(fd, target, 0, target.length, position);
    const reader = new TarReader(readAt, archive.size, limits);
    let count = 0;
    let nameBytes = 0;
    for (;;) {
      const entry = content.#next(reader, count === 0);
      if (entry === undefined) break;
      nameBytes += entry.path.length + entry.link.length;
      if (++count > MAX_MEMBERS || nameBytes > MAX_NAME_BYTES) {
        throw new DimgxError(
          'ARCHIVE_INVALID',
          `${archive.label} holds too many files to be an image archive`,
        );
      }
      content.#add(entry);
      if (count % MEMBERS_PER_TURN === 0) await setImmediate();
      signal.throwIfAborted();
    }
    return content;
  }

  #next(reader: TarReader, first: boolean): TarEntry | undefined {
    try {
      return reader.next();
    } catch (error) {
      if (!(error instanceof DimgxError)) throw error;
      const { label } = this.#archive;
      const atStart = first && (error.code === 'LAYER_INVALID' || this.#archive.size < 512);
      if (atStart) throw new DimgxError('ARCHIVE_INVALID', `${label} is not a tar archive`, { cause: error });
      const code = archiveCodes[error.code] ?? error.code;
      throw new DimgxError(code, `${label}: ${error.message}`, { cause: error });
    }
  }

  /** A name that comes again replaces the earlier member. */
  #add(entry: TarEntry): void {
    this.#cutOff = entry.end >= this.#archive.size;
    const path = cleaned(entry.path.toString());
    if (path !== '') this.#members.set(path, this.#memberOf(entry));
  }

  #memberOf(entry: TarEntry): Member {
    switch (entry.type) {
      case Type.symlink:
        return { kind: 'symlink', target: entry.link.toString() };
      case Type.hardlink: {
        const target = entry.link.toString();
        return this.#members.get(cleaned(target)) ?? { kind: 'symlink', target: `/${target}` };
      }
      case Type.file:
      case Type.oldFile:
      case Type.contiguous:
        if (hasSparseRecords(entry.pax)) return { kind: 'sparse' };
        return { kind: 'file', offset: entry.data, size: entry.size };
      case Type.gnuSparse:
        return { kind: 'sparse' };
      default:
        return { kind: 'other' };
    }
  }

  get cutOff(): boolean {
    return this.#cutOff;
  }

  async find(path: string): Promise<FileRegion | undefined> {
    const member = this.#resolve(path);
    if (member?.kind === 'sparse') {
      const what = `${this.label}: ${quoted(path)} is stored sparse`;
      throw new DimgxError('ARCHIVE_INVALID', `${what}: pack the archive again without --sparse`);
    }
    if (member?.kind !== 'file') return undefined;
    return { fd: this.#archive.fd, offset: member.offset, size: member.size };
  }

  async read(path: string): Promise<Buffer | undefined> {
    const region = await this.find(path);
    return region && this.#documents.read(path, region);
  }

  paths(): Iterable<string> {
    return this.#members.keys();
  }

  missing(path: string, what: string): DimgxError {
    if (this.#cutOff)
      return new DimgxError('ARCHIVE_TRUNCATED', `${this.label} ends before ${what} (${quoted(path)})`);
    return new DimgxError('BLOB_MISSING', `${this.label} lacks ${what} (${quoted(path)})`);
  }

  hold(): Release {
    return this.#archive.files.hold();
  }

  /** Walks the path, symlinks resolved inside the archive as its unpacked folder would have them. */
  #resolve(path: string): Member | undefined {
    if (path.length > MAX_PATH) return undefined;
    const walked: string[] = [];
    const ahead = path.split('/').reverse();
    let hops = 0;
    for (let component = ahead.pop(); component !== undefined; component = ahead.pop()) {
      if (component === '' || component === '.') continue;
      if (component === '..') {
        walked.pop();
        continue;
      }
      walked.push(component);
      const member = this.#members.get(walked.join('/'));
      if (member?.kind !== 'symlink') continue;
      if (++hops > this.#limits.symlinkHops) {
        const what = `${this.label}: the links at ${quoted(path)} go on and on, or round in a circle`;
        throw new DimgxError('SYMLINK_LOOP', `${what}: ${limitAdvice('symlinkHops', hops - 1)}`);
      }
      if (member.target.length > MAX_PATH) return undefined;
      if (member.target.startsWith('/')) walked.length = 0;
      else walked.pop();
      ahead.push(...member.target.split('/').reverse());
    }
    return this.#members.get(walked.join('/'));
  }
}

/** Root-relative, without empty and `.` components; `..` stops at the root. */
function cleaned(path: string): string {
  const components: string[] = [];
  for (const component of path.split('/')) {
    if (component === '..') components.pop();
    else if (component !== '' && component !== '.') components.push(component);
  }
  return components.join('/');
}
