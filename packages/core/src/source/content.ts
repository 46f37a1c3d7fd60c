import { read } from 'node:fs';
import { promisify } from 'node:util';
import { DimgxError } from '../errors.ts';
import type { FileRegion } from '../image/file-region.ts';
import { inQuotes } from '../tar/faults.ts';
import type { Release } from './open-files.ts';

const readDescriptor = promisify(read);

/** The named files that make up stored images: an archive's members, or a folder's files. */
export interface Content {
  /** Names the archive or folder in messages. */
  readonly label: string;
  /** It ends where its last file does, so there may have been more. */
  readonly cutOff: boolean;
  /** Paths as manifests write them; undefined if there is no such file. */
  find(path: string): Promise<FileRegion | undefined>;
  /** The whole of a small file; `LIMIT_EXCEEDED` if it isn't small. */
  read(path: string): Promise<Buffer | undefined>;
  /** All paths, where they are known. */
  paths(): Iterable<string>;
  /** The error for a file that should be there, with what it is for. */
  missing(path: string, what: string): DimgxError;
  /** Keeps the files open until the release. */
  hold(): Release;
}

const MIB = 1024 * 1024;
/** Manifests of real images take kilobytes. */
const MAX_DOCUMENT = 16 * MIB;
/** One document may be named many times, and each time it is parsed anew. */
const MAX_DOCUMENTS = 64 * MIB;

/** A text of the image's for a message: bounded, on one line, without control characters. */
export function quoted(text: string): string {
  return text.length > 200 ? `${inQuotes(text.slice(0, 200))}…` : inQuotes(text);
}

/** Reads an archive's or a folder's small documents, within bounds. */
export class DocumentReader {
  readonly #label: string;
  #budget = MAX_DOCUMENTS;

  constructor(label: string) {
    this.#label = label;
  }

  async read(path: string, { fd, offset, size }: FileRegion): Promise<Buffer> {
    if (size > MAX_DOCUMENT) {
      throw new DimgxError(
        'LIMIT_EXCEEDED',
        `${this.#label}: ${quoted(path)} has ${size} bytes, more than ${MAX_DOCUMENT}`,
      );
    }
    this.#budget -= size;
    if (this.#budget < 0) {
      throw new DimgxError(
        'LIMIT_EXCEEDED',
        `${this.#label}: its manifests have more than ${MAX_DOCUMENTS} bytes`,
      );
    }
    const bytes = Buffer.alloc(size);
    for (let length = 0; length < size; ) {
      const { bytesRead } = await readDescriptor(fd, bytes, length, size - length, offset + length);
      if (bytesRead === 0)
        throw new DimgxError('ARCHIVE_TRUNCATED', `${this.#label}: ${quoted(path)} ends too early`);
      length += bytesRead;
    }
    return bytes;
  }
}
