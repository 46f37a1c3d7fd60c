import { close, writev } from 'node:fs';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { WRITE_PIECE } from '../image/write-piece.ts';
import { openSpoolFile, spoolError } from '../spool-file.ts';
import { overLimit } from '../tar/faults.ts';

type WriteCallback = (error?: Error | null) => void;

/** Chunks that come while a write is under way leave together in the next one. */
const BUFFERED = 4 * 1024 * 1024;

export interface SpoolOptions {
  readonly folder: string;
  readonly signal: AbortSignal;
  /** The limit `uncompressedBytes`. */
  readonly mostBytes: number;
  /** Hears how many bytes the file has so far. */
  readonly onBytes?: (total: number) => void;
}

/** A whole stream in an open file without a name: it is gone when its descriptor is closed, whoever dies. */
export interface Spooled {
  readonly fd: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * Copies a stream into a file without a name; the caller closes its descriptor.
 *
 * Throws `NO_SPACE`, `LIMIT_EXCEEDED`, `CONFIG_INVALID` (the folder takes no files), the signal's reason, or the stream's own error;
 * the stream is destroyed and nothing stays behind.
 */
export async function spool(source: Readable, options: SpoolOptions): Promise<Spooled> {
  const { signal } = options;
  try {
    const writer = new SpoolWriter(options);
    await pipeline(source, writer, { signal });
    return { fd: writer.fd, size: writer.size };
  } catch (error) {
    source.destroy();
    signal.throwIfAborted();
    throw error;
  }
}

/** Owns the descriptor until it has finished; closes it if it is destroyed before. */
class SpoolWriter extends Writable {
  readonly fd: number;
  size = 0;
  readonly #options: SpoolOptions;
  #writing = false;
  #whenIdle: (() => void) | undefined;

  constructor(options: SpoolOptions) {
    super({ highWaterMark: BUFFERED, decodeStrings: false });
    this.fd = openSpoolFile(options.folder);
    this.#options = options;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#append([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    const buffers = chunks.map(({ chunk }) => chunk);
    this.#append(buffers, callback);
  }

  override _destroy(error: Error | null, callback: WriteCallback): void {
    const closeNow = () => close(this.fd, (closeError) => callback(error ?? closeError));
    if (error === null && this.writableFinished) callback(null);
    // A write under way would go to whatever file got the number next.
    else if (this.#writing) this.#whenIdle = closeNow;
    else closeNow();
  }

  #append(buffers: Buffer[], callback: WriteCallback): void {
    const { folder, mostBytes, onBytes } = this.#options;
    if (this.size > mostBytes) {
      callback(overLimit('the archive has too many bytes', 'uncompressedBytes', mostBytes));
      return;
    }
    this.#writing = true;
    writev(this.fd, piece(buffers), this.size, (error, written) => {
      this.#writing = false;
      if (this.#whenIdle !== undefined) return this.#whenIdle();
      if (error !== null) return callback(spoolError(folder, error));
      this.size += written;
      onBytes?.(this.size);
      const rest = behind(buffers, written);
      if (rest.length === 0) callback();
      else this.#append(rest, callback);
    });
  }
}

/** The buffers that one write takes. */
function piece(buffers: Buffer[]): Buffer[] {
  let length = 0;
  const end = buffers.findIndex((buffer) => {
    length += buffer.length;
    return length > WRITE_PIECE;
  });
  return end === -1 ? buffers : buffers.slice(0, Math.max(1, end));
}

/** What a write left over. */
function behind(buffers: Buffer[], written: number): Buffer[] {
  let skip = written;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    if (skip < buffer.length) rest.push(buffer.subarray(skip));
    skip = Math.max(0, skip - buffer.length);
  }
  return rest;
}
