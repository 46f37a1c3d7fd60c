import { close, write } from 'node:fs';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { WRITE_PIECE } from '../image/write-piece.ts';
import { openSpoolFile, spoolError } from '../spool-file.ts';
import { overLimit } from '../tar/faults.ts';
import type { ByteTaker } from './read-socket.ts';

const writeFile = promisify(write);
const closeFile = promisify(close);

/** Blocks that may wait to be written before more is taken, and those with which taking goes on. */
const mostWaiting = 4;
const fewWaiting = 1;

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
 * A file without a name of what `fill` gives to its taker; the caller closes its descriptor.
 *
 * Throws `NO_SPACE`, `LIMIT_EXCEEDED`, `CONFIG_INVALID` (the folder takes no files), the signal's reason, or what `fill` throws;
 * nothing stays behind.
 */
export async function spoolFrom(
  fill: (taker: ByteTaker) => Promise<void>,
  options: SpoolOptions,
): Promise<Spooled> {
  const writer = new SpoolWriter(options);
  try {
    await fill(writer);
    return await writer.end();
  } catch (error) {
    await writer.close();
    options.signal.throwIfAborted();
    throw error;
  }
}

/** The same of a stream, which is destroyed if it fails; its own error is thrown as it is. */
export async function spool(source: Readable, options: SpoolOptions): Promise<Spooled> {
  try {
    return await spoolFrom((taker) => pour(source, taker, options.signal), options);
  } catch (error) {
    source.destroy();
    throw error;
  }
}

/** Gives a whole stream to a taker. */
export function pour(source: Readable, taker: ByteTaker, signal: AbortSignal): Promise<void> {
  const write = (chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error) => void): void => {
    try {
      taker.add(chunk);
    } catch (error) {
      callback(error as Error);
      return;
    }
    const waiting = taker.ready();
    if (waiting === undefined) callback();
    else waiting.then(() => callback(), callback);
  };
  return pipeline(source, new Writable({ write, decodeStrings: false }), { signal });
}

/** Gathers what it is given into blocks, which it writes one after the other while the next are filled. */
class SpoolWriter implements ByteTaker {
  readonly #fd: number;
  readonly #options: SpoolOptions;
  readonly #waiting: Buffer<ArrayBuffer>[] = [];
  readonly #free: Buffer<ArrayBuffer>[] = [];
  #filling = Buffer.allocUnsafeSlow(WRITE_PIECE);
  #used = 0;
  #taken = 0;
  #written = 0;
  #writing: Promise<void> | undefined;
  #whenFew: PromiseWithResolvers<void> | undefined;

  constructor(options: SpoolOptions) {
    this.#fd = openSpoolFile(options.folder);
    this.#options = options;
  }

  add(piece: Buffer): void {
    const { mostBytes } = this.#options;
    this.#taken += piece.length;
    if (this.#taken > mostBytes)
      throw overLimit('the archive has too many bytes', 'uncompressedBytes', mostBytes);
    for (let at = 0; at < piece.length; ) {
      const count = piece.copy(this.#filling, this.#used, at);
      at += count;
      this.#used += count;
      if (this.#used === WRITE_PIECE) this.#handOn();
    }
  }

  ready(): Promise<void> | undefined {
    if (this.#waiting.length < mostWaiting) return undefined;
    this.#whenFew ??= Promise.withResolvers();
    return this.#whenFew.promise;
  }

  async end(): Promise<Spooled> {
    if (this.#used > 0) this.#handOn();
    await this.#writing;
    return { fd: this.#fd, size: this.#written };
  }

  async close(): Promise<void> {
    this.#waiting.length = 0;
    // A write under way would go to whatever file got the number next.
    await this.#writing?.catch(() => {});
    await closeFile(this.#fd);
  }

  #handOn(): void {
    this.#waiting.push(this.#filling.subarray(0, this.#used));
    this.#filling = this.#free.pop() ?? Buffer.allocUnsafeSlow(WRITE_PIECE);
    this.#used = 0;
    if (this.#writing !== undefined) return;
    this.#writing = this.#writeWaiting();
    this.#writing.catch((error: unknown) => this.#failWaiting(error));
  }

  /** Whoever waits hears of it, now or later. */
  #failWaiting(error: unknown): void {
    this.#whenFew ??= Promise.withResolvers();
    this.#whenFew.promise.catch(() => {});
    this.#whenFew.reject(error);
  }

  /** Stays, once it has failed. */
  async #writeWaiting(): Promise<void> {
    for (let block = this.#waiting[0]; block !== undefined; block = this.#waiting[0]) {
      await this.#write(block);
      this.#waiting.shift();
      this.#free.push(block);
      if (this.#waiting.length > fewWaiting) continue;
      this.#whenFew?.resolve();
      this.#whenFew = undefined;
    }
    this.#writing = undefined;
  }

  async #write(block: Buffer): Promise<void> {
    const { folder, onBytes } = this.#options;
    for (let rest = block; rest.length > 0; ) {
      try {
        const { bytesWritten } = await writeFile(this.#fd, rest, 0, rest.length, this.#written);
        this.#written += bytesWritten;
        rest = rest.subarray(bytesWritten);
      } catch (error) {
        throw spoolError(folder, error);
      }
    }
    onBytes?.(this.#written);
  }
}
